import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROFILES_FOLDER } from '../../shared/profiles/folder.ts';
import { type Pipeline, picture, startPipeline } from '../support/pipeline.ts';

const PATIENT = { MODEL_OVERALL_MS: '45000', MODEL_ATTEMPT_MS: '40000', RESIZE_TIME_LIMIT_MS: '40000' };

let folder: string;
let pipeline: Pipeline;
let logged = '';
let heard: (() => void) | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'own-profiles-'));
  await cp(PROFILES_FOLDER, folder, { recursive: true });
  pipeline = await startPipeline({
    // A busy machine may take its time: nothing here is about limits.
    env: { PROFILES_FOLDER: folder, FUNCTION_TIMEOUT_MS: '50000', LEASE_MS: '55000', ...PATIENT },
    times: { ackDeadlineMs: 60_000 },
    onLog: (_name, line) => {
      logged += line;
      heard?.();
    },
  });
});
afterAll(async () => {
  await pipeline.close();
  await rm(folder, { recursive: true });
});

const times = (text: string): number => logged.split(text).length - 1;

describe('a profile that is saved while everything runs', () => {
  it('answers the next picture, without a restart', async () => {
    const text =
      'prompt: Describe it.\nfields:\n  caption: text\n  confidence: { type: number, min: 0, max: 1 }\n';
    await writeFile(join(folder, 'fourth.yaml'), text);
    // Both stages say so.
    while (times('profile.new') < 2) await new Promise<void>((resolve) => (heard = resolve));
    await pipeline.upload('fourth/a.jpg', await picture(1));
    const result = await pipeline.settled('fourth/a.jpg', undefined, 50_000);
    expect(result).toMatchObject({
      status: 'completed',
      profile: 'fourth',
      answer: { caption: 'A plain area of color.', confidence: 0.9 },
    });
  });
});
