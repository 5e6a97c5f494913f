import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerAlways, DESCRIPTION, type Pipeline, picture, startPipeline } from '../support/pipeline.ts';

let pipeline: Pipeline;
beforeEach(async () => {
  pipeline = await startPipeline({ env: { CONTROL_CACHE_MS: '100' } });
});
afterEach(() => pipeline.close());

const pacificTime = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/Los_Angeles',
  timeStyle: 'medium',
  hourCycle: 'h23',
});

const parkedUntil = (document: Record<string, unknown>): Date =>
  (document['parked'] as { until: { toDate(): Date } }).until.toDate();

describe('an image', () => {
  it('that meets a used-up quota of the day is parked until midnight Pacific, and the next ones call nothing', async () => {
    pipeline.model.behave({ script: [], quotas: { perDay: 0 } });
    for (const i of [1, 2, 3]) {
      await pipeline.upload(`day/${i}.jpg`, await picture(i));
      const document = await pipeline.settled(`day/${i}.jpg`);
      expect(document).toMatchObject({ status: 'parked', failure: { code: 'MODEL_QUOTA_DAY' } });
      expect(pacificTime.format(parkedUntil(document))).toBe('00:00:00');
    }
    // Each model of the ladder was asked once: the quota is that of a model.
    expect(pipeline.modelCalls()).toBe(2);
  });

  it('is parked without a call while a person has paused the pipeline, until the time that was named', async () => {
    const until = new Date(Date.now() + 600_000);
    await pipeline.firestore.doc('control/pipeline').set({ paused: true, reason: 'stock-taking', until });
    await pipeline.upload('paused.jpg', await picture(4));
    const document = await pipeline.settled('paused.jpg');
    expect(document).toMatchObject({
      status: 'parked',
      failure: { code: 'PIPELINE_PAUSED', message: expect.stringContaining('stock-taking') },
    });
    expect(parkedUntil(document)).toEqual(until);
    expect(pipeline.modelCalls()).toBe(0);
  });

  it('that meets an outage is answered once it is over', async () => {
    pipeline.model.behave({ script: [], outageUntil: Date.now() + 4_000 });
    const names = [5, 6, 7, 8].map((i) => `outage/${i}.jpg`);
    for (const [i, name] of names.entries()) await pipeline.upload(name, await picture(i));
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    answerAlways(pipeline.model, DESCRIPTION);
    for (const name of names) {
      expect(await pipeline.settled(name)).toMatchObject({ status: 'completed', answer: DESCRIPTION });
    }
  });
});
