import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { allAre, batchEnv, moneyOf, runBatch, runUntil } from '../batch/batching.ts';
import { billOf } from '../support/bill.ts';
import {
  ALONE,
  callsOf,
  DECISION,
  type DecidingPipeline,
  nanosOf,
  SURE,
  startDeciding,
  WRITERS,
  WRITTEN,
} from './deciding.ts';

let pipeline: DecidingPipeline;

beforeAll(async () => {
  pipeline = await startDeciding({
    profiles: { alone: ALONE },
    functions: ['resize-image', 'analyze-image', 'batch', 'sweep'],
    batchEveryMs: 0,
    functionEnv: { batch: batchEnv },
    env: { STALE_MS: '2000', CONTROL_CACHE_MS: '50', FLEX_RETURN_MS: '1000', FLEX_BACKOFF_MS: '10' },
  });
});
afterAll(() => pipeline.close());
beforeEach(async () => {
  pipeline.model.reset();
  for (const collection of ['spend', 'batches', 'control'])
    await pipeline.firestore.recursiveDelete(pipeline.firestore.collection(collection));
});

const UNSURE = { ...SURE, damaged: 0.5 };
const lanesOf = (document: Record<string, unknown>): string[] =>
  (document['attempts'] as { model: string; lane?: string }[]).map(({ lane = 'standard' }) => lane);

const byBatch = { metadata: { lane: 'batch' } };

describe('a picture of the lane batch', () => {
  it('is answered at once where the decision is sure: it waits for nothing', async () => {
    const document = await pipeline.settled(await pipeline.ask([{ json: SURE }], byBatch));
    expect(document).toMatchObject({ status: 'completed', lane: { asked: 'batch', served: 'standard' } });
    expect(callsOf(document)).toEqual(['decision ok']);
    expect(nanosOf(document)).toBe(billOf(pipeline));
    expect(await runBatch(pipeline)).toMatchObject({ begun: 0, waiting: 0 });
  });

  it('waits for a batch where the decision is not sure, and is decided once', async () => {
    const name = await pipeline.ask([{ json: UNSURE }], byBatch);
    const waiting = await pipeline.settled(name);
    expect(waiting).toMatchObject({ status: 'parked', failure: { code: 'BATCH_WAITING' } });
    expect(callsOf(waiting)).toEqual(['decision low-confidence']);
    await runUntil(pipeline, allAre(pipeline, [name], 'completed'));
    const document = (await pipeline.result(name)) ?? {};
    expect(document).toMatchObject({ answer: WRITTEN, model: { step: 1 }, lane: { served: 'batch' } });
    expect(callsOf(document)).toEqual(['decision low-confidence', 'written ok']);
    expect(lanesOf(document)).toEqual(['standard', 'batch']);
    const { documents, books, bill } = await moneyOf(pipeline, [name]);
    expect([documents, books]).toEqual([bill, bill]);
  });

  it('keeps the decision where no batch says anything surer', async () => {
    const name = await pipeline.ask(
      [{ json: UNSURE }, ...Array.from({ length: 9 }, () => ({ model: undefined, json: { no: 'form' } }))],
      byBatch,
    );
    await pipeline.settled(name);
    await runUntil(pipeline, allAre(pipeline, [name], 'completed'));
    expect(await pipeline.result(name)).toMatchObject({
      model: { requested: DECISION, step: 0 },
      lane: { served: 'standard' },
      review: { because: 'unsure' },
    });
  });

  it('waits for a batch where the decision model does not answer', async () => {
    const name = await pipeline.ask([{ fault: 'server503', times: 20 }], byBatch);
    await pipeline.settled(name);
    await runUntil(pipeline, allAre(pipeline, [name], 'completed'));
    const document = (await pipeline.result(name)) ?? {};
    expect(document).toMatchObject({ answer: WRITTEN, model: { step: 1 }, lane: { served: 'batch' } });
    expect(callsOf(document).filter((call) => call !== 'decision MODEL_OVERLOADED')).toEqual(['written ok']);
  });

  it('goes up the ladder at once where it consists of decisions alone', async () => {
    const options = { ...byBatch, folder: 'alone' };
    const document = await pipeline.settled(await pipeline.ask([{ json: UNSURE }], options));
    expect(document).toMatchObject({ status: 'completed', model: { requested: DECISION } });
  });
});

describe.each(['flex', 'priority'])('a picture of the lane %s', (lane) => {
  it('is decided at the standard price, the only one there is, and climbs by its lane', async () => {
    const document = await pipeline.settled(
      await pipeline.ask([{ json: UNSURE }], { metadata: { lane, patience: '10m' } }),
    );
    expect(callsOf(document)).toEqual(['decision low-confidence', 'written ok']);
    expect(lanesOf(document)).toEqual(['standard', lane]);
    expect(document).toMatchObject({ lane: { asked: lane, served: lane } });
    expect(nanosOf(document)).toBe(billOf(pipeline));
  });
});

describe('a picture that waits for room in the lane flex', () => {
  it('is not decided again each time it is taken up', async () => {
    pipeline.model.behave({ flexShedShare: 1 });
    const name = await pipeline.ask([{ json: UNSURE, times: 9 }], {
      metadata: { lane: 'flex', patience: '1h' },
    });
    const waiting = await pipeline.settled(name);
    expect(waiting).toMatchObject({ status: 'parked', failure: { code: 'LANE_WAITING' } });
    pipeline.model.behave({ flexShedShare: 0 });
    await runSweep(name);
    const document = (await pipeline.result(name)) ?? {};
    expect(document).toMatchObject({ answer: WRITTEN, lane: { served: 'flex' } });
    expect(callsOf(document).filter((call) => call.startsWith('decision'))).toEqual([
      'decision low-confidence',
    ]);
    expect(nanosOf(document)).toBe(billOf(pipeline));
  });

  it('ends as the models that write end: what was not sure is not kept while it waits', async () => {
    pipeline.model.behave({ flexShedShare: 1 });
    const metadata = { lane: 'flex', patience: '1h' };
    const name = await pipeline.ask([{ json: UNSURE, times: 9 }], { metadata });
    await pipeline.settled(name);
    pipeline.model.reset();
    pipeline.model.behave({ script: BLOCKING as never });
    await runSweep(name, 'refused');
    const document = (await pipeline.result(name)) ?? {};
    expect(document).toMatchObject({ failure: { code: 'MODEL_BLOCKED' } });
    expect(document).not.toHaveProperty('answer');
    const [decision, ...others] = callsOf(document);
    expect([decision, others.at(-1)]).toEqual(['decision low-confidence', 'written blocked']);
    expect(others.filter((call) => call.startsWith('decision'))).toEqual([]);
  });

  it('would have kept what was not sure in the standard lane, for a person to look at', async () => {
    const document = await pipeline.settled(await pipeline.ask([{ json: UNSURE }, ...BLOCKING]));
    expect(callsOf(document)).toEqual(['decision low-confidence', 'written blocked']);
    expect(document).toMatchObject({ status: 'completed', review: { because: 'unsure' } });
  });
});

const BLOCKING = WRITERS.map((model) => ({ model, fault: 'blockedPrompt', times: 99 }));

async function runSweep(name: string, end = 'completed'): Promise<void> {
  const endsAt = Date.now() + 60_000;
  while ((await pipeline.result(name))?.['status'] !== end) {
    if (Date.now() > endsAt) throw new Error('The picture was not taken up.');
    await fetch(pipeline.cloud.url('sweep'), { method: 'POST', body: '{}' });
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}
