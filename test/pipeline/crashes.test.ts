import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  answerAlways,
  DESCRIPTION,
  type Pipeline,
  picture,
  SHORT_LEASES,
  startPipeline,
} from '../support/pipeline.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await startPipeline(SHORT_LEASES);
});
afterAll(() => pipeline.close());
beforeEach(() => {
  pipeline.model.reset();
  answerAlways(pipeline.model, DESCRIPTION);
});

describe('kill -9', () => {
  it('of analyze-image during the model call: the image completes after the lease, paid for a second time at most', async () => {
    pipeline.model.behave({ script: [{ fault: 'hang' }, { json: DESCRIPTION, times: 100 }] });
    await pipeline.upload('analyze.jpg', await picture(1));
    await pipeline.settled('analyze.jpg', () => pipeline.modelCalls() === 1);
    pipeline.cloud.supervisor.kill('analyze-image');
    expect(await pipeline.settled('analyze.jpg')).toMatchObject({ status: 'completed', answer: DESCRIPTION });
    expect(pipeline.modelCalls()).toBeLessThanOrEqual(2);
  });

  it('of resize-image in the middle of its work: the image completes after the lease', async () => {
    const bytes = await picture(2, 4000, 3000);
    await pipeline.upload('resize.jpg', bytes);
    await pipeline.settled('resize.jpg', () => true);
    pipeline.cloud.supervisor.kill('resize-image');
    expect(await pipeline.settled('resize.jpg')).toMatchObject({ status: 'completed' });
    expect(pipeline.modelCalls()).toBe(1);
  });

  it('of both functions again and again under load loses nothing and answers each image once', async () => {
    const names = Array.from({ length: 30 }, (_, i) => `load/${i}.jpg`);
    const killer = setInterval(() => {
      pipeline.cloud.supervisor.kill(Math.random() < 0.5 ? 'resize-image' : 'analyze-image');
    }, 700);
    try {
      for (const [i, name] of names.entries()) await pipeline.upload(name, await picture(i));
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    } finally {
      clearInterval(killer);
    }
    const results = await Promise.all(names.map((name) => pipeline.settled(name)));
    expect(results.map((result) => result['status'])).toEqual(names.map(() => 'completed'));
  });
});

describe('an outage of 5 seconds', () => {
  it.each(['firestore', 'storage'] as const)('of %s loses nothing', async (server) => {
    const names = Array.from({ length: 6 }, (_, i) => `outage-of-${server}/${i}.jpg`);
    for (const [i, name] of names.slice(0, 3).entries()) await pipeline.upload(name, await picture(i));
    pipeline.cloud[server].setFault('unavailable');
    if (server === 'firestore') {
      for (const [i, name] of names.slice(3).entries()) await pipeline.upload(name, await picture(i + 3));
    }
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    pipeline.cloud[server].setFault('none');
    if (server === 'storage') {
      for (const [i, name] of names.slice(3).entries()) await pipeline.upload(name, await picture(i + 3));
    }
    const results = await Promise.all(names.map((name) => pipeline.settled(name)));
    expect(results.map((result) => result['status'])).toEqual(names.map(() => 'completed'));
  });
});
