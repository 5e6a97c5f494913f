import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDeployable } from '../../build/deployable.ts';
import { drawLabel } from '../local/label-pictures.ts';
import { type Pipeline, startPipeline } from '../support/pipeline.ts';

const EAN = '4006381333931';

describe('the deployable of analyze-image', () => {
  const dist = mkdtempSync(join(tmpdir(), 'deployable-'));
  // Inside the project, where packages are found; a deployment installs them.
  const inside = mkdtempSync(join(process.cwd(), 'node_modules/.deployable-'));
  let pipeline: Pipeline;

  beforeAll(async () => {
    cpSync((await buildDeployable('analyze-image', dist)).folder, inside, { recursive: true });
    pipeline = await startPipeline({ functions: ['resize-image'] });
    const { supervisor, url, clientEnv, modelUrl = '' } = pipeline.cloud;
    await supervisor.start({
      kind: 'function',
      name: 'analyze-image',
      source: join(inside, 'index.mjs'),
      target: 'analyze-image',
      port: Number(new URL(url('analyze-image')).port),
      env: { ...clientEnv, GEMINI_API_KEY: 'a-key', GEMINI_BASE_URL: modelUrl },
    });
  });
  afterAll(async () => {
    await pipeline.close();
    for (const folder of [dist, inside]) rmSync(folder, { recursive: true });
  });

  it('reads a barcode with the decoder that is installed beside it', async () => {
    const item = { sku: EAN, quantity: 1, condition: 'new' };
    const shelf = (...items: object[]) => ({
      json: { shelfId: null, items: items as never[], confidence: 0.9 },
    });
    pipeline.model.reset();
    pipeline.model.behave({ script: [shelf(), shelf(item)] });
    const label = await drawLabel({ lines: ['Pencils'], barcode: { text: EAN, format: 'EAN13' } });
    await pipeline.upload('inventory/label.jpg', label);
    expect(await pipeline.settled('inventory/label.jpg')).toMatchObject({
      status: 'completed',
      model: { step: 1, checks: expect.arrayContaining([{ name: 'printed-codes', passed: true }]) },
      attempts: [{ outcome: 'failed-check' }, { outcome: 'ok' }],
    });
  });

  it('installs decoder and sharp, and loads neither with the function', () => {
    const read = (file: string) => readFileSync(join(inside, file), 'utf8');
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: object };
    expect(Object.keys(dependencies)).toEqual(expect.arrayContaining(['sharp', 'zxing-wasm']));
    expect(read('index.mjs')).not.toMatch(/^import .*["'](sharp|zxing-wasm\b.*)["']/m);
    expect(read('index.mjs')).toMatch(/await import\("sharp"\)/);
  });
});
