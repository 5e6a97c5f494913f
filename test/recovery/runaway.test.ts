import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { executionsPerImage } from '../../functions/sweep/runaway.ts';
import { idOf, type Pipeline, picture } from '../support/pipeline.ts';
import { startSweptPipeline, sweep, sweepUntil } from './sweeping.ts';

const claim = (count: number, excused = 0) => ({
  claim: { owner: 'x', stage: 'analyze' as const, expiresAt: new Date(0), count, excused },
});

const many = (count: number, of: ReturnType<typeof claim>) => Array.from({ length: count }, () => of);

describe('executions per image', () => {
  it('are 2 in a healthy pipeline', () => {
    expect(executionsPerImage(many(30, claim(2)))).toBe(2);
  });

  it('do not count those that an outage ended', () => {
    expect(executionsPerImage(many(30, claim(12, 10)))).toBe(2);
  });

  it('of a handful of images tell nothing', () => {
    expect(executionsPerImage(many(19, claim(50)))).toBeNull();
  });
});

describe('a pipeline that executes its images over and over', () => {
  let pipeline: Pipeline;
  beforeAll(async () => {
    pipeline = await startSweptPipeline({
      env: { RUNAWAY_RATIO: '6', RUNAWAY_WINDOW_MS: '60000', MAX_EXECUTIONS: '100' },
    });
  });
  afterAll(() => pipeline.close());

  it('is paused by the sweep, with the reason; new uploads wait and go on when the pause is lifted', async () => {
    await pipeline.upload('first.jpg', await picture(1));
    const healthy = await pipeline.settled('first.jpg');
    expect(await sweep(pipeline)).toMatchObject({ paused: false });

    const circling = Array.from({ length: 25 }, (_, i) => pipeline.firestore.doc(`results/circling-${i}`));
    await Promise.all(
      circling.map((document) =>
        document.set({
          ...healthy,
          updatedAt: new Date(),
          claim: { ...(healthy['claim'] as object), count: 9 },
        }),
      ),
    );
    expect(await sweep(pipeline)).toMatchObject({ paused: true, executionsPerImage: expect.closeTo(8.7, 0) });
    const control = (await pipeline.firestore.doc('control/pipeline').get()).data();
    expect(control).toMatchObject({ paused: true, reason: expect.stringContaining('runaway') });

    await pipeline.upload('waits.jpg', await picture(2));
    const waiting = await pipeline.settled('waits.jpg');
    expect(waiting).toMatchObject({ status: 'parked', failure: { code: 'PIPELINE_PAUSED' } });

    await Promise.all(circling.map((document) => document.delete()));
    await pipeline.firestore.doc('control/pipeline').delete();
    await pipeline.firestore.doc(`results/${idOf('waits.jpg')}`).update({ dueAt: new Date() });
    await sweepUntil(pipeline, async () => (await pipeline.result('waits.jpg'))?.['status'] === 'completed');
  });
});
