import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { createReader } from '../../local/reader/reader.ts';
import { drawLabel } from '../local/label-pictures.ts';
import { type Pipeline, startPipeline } from '../support/pipeline.ts';
import { overlap, shares, truePlaceOfCode } from './places.ts';

const reader = createReader();
let local: GeminiSimulator;
let pipeline: Pipeline;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evidence-fallback-'));
  await writeFile(
    join(folder, 'code.yaml'),
    'prompt: Read it.\nevidence: boxes\nfields: { barcode: text }\n',
  );
  local = await startGeminiSimulator({ read: reader.read });
  pipeline = await startPipeline({
    env: {
      ...{ PROFILES_FOLDER: folder, FALLBACK: 'local-reader', FALLBACK_URL: local.url },
      ...{ MODEL_OVERALL_MS: '2000', MODEL_ATTEMPT_MS: '1000', FALLBACK_TIMEOUT_MS: '30000' },
    },
  });
});
afterAll(async () => {
  await pipeline.close();
  await local.close();
  await reader.close();
  await rm(folder, { recursive: true });
});

describe('what the reader finds while no model can answer', () => {
  it('comes with its true place', async () => {
    pipeline.model.behave({ script: [], errorRates: { credit402: 1 } });
    const barcode = { text: 'KX-4711', format: 'QRCode' } as const;
    await pipeline.upload('code/label.jpg', await drawLabel({ lines: ['SHELF A-12'], barcode }));
    const document = await pipeline.settled('code/label.jpg');
    expect(document).toMatchObject({ status: 'parked', degraded: true, answer: { barcode: 'KX-4711' } });
    const [evidence] = (document['model'] as { evidence?: { field: string; box: never }[] }).evidence ?? [];
    expect(evidence?.field).toBe('barcode');
    expect(
      evidence && overlap(shares(evidence.box), await truePlaceOfCode('KX-4711', 'QRCode', 0)),
    ).toBeGreaterThan(0.9);
  });
});
