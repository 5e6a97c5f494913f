import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allAre, runBatch, runUntil, startBatchPipeline } from '../batch/batching.ts';
import { type Pipeline, picture } from '../support/pipeline.ts';

let pipeline: Pipeline;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evidence-batch-'));
  const profile = 'prompt: Read it.\nlane: batch\nevidence: boxes\nfields: { shelfId: text }\n';
  await writeFile(join(folder, 'shelf.yaml'), profile);
  pipeline = await startBatchPipeline({ env: { PROFILES_FOLDER: folder } });
});
afterAll(async () => {
  await pipeline.close();
  await rm(folder, { recursive: true });
});

describe('an answer of a batch job', () => {
  it('has its boxes, the unusable ones counted', async () => {
    const evidence = [
      { field: 'shelfId', box_2d: [10, 20, 30, 40] },
      { field: 'nothing', box_2d: [10, 20, 30, 40] },
    ];
    pipeline.model.behave({ script: [{ json: { shelfId: 'A-1', evidence } as never, times: 10 }] });
    await pipeline.upload('shelf/one.jpg', await picture(1));
    await pipeline.settled('shelf/one.jpg');
    expect(await runBatch(pipeline)).toMatchObject({ begun: 1 });
    await runUntil(pipeline, allAre(pipeline, ['shelf/one.jpg'], 'completed'));
    expect(await pipeline.result('shelf/one.jpg')).toMatchObject({
      answer: { shelfId: 'A-1' },
      lane: { served: 'batch' },
      model: {
        evidence: [{ field: 'shelfId', box: { top: 10, left: 20, bottom: 30, right: 40 } }],
        evidenceDropped: 1,
      },
    });
  });
});
