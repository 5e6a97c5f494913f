import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { billOf } from '../support/bill.ts';
import { answerAlways, DESCRIPTION, type Pipeline, picture, startPipeline } from '../support/pipeline.ts';

let pipeline: Pipeline;
let seed = 0;

beforeAll(async () => {
  pipeline = await startPipeline();
});
afterAll(() => pipeline.close());
beforeEach(() => {
  pipeline.model.reset();
  answerAlways(pipeline.model, DESCRIPTION);
});

const next = (): Promise<Buffer> => {
  seed += 1;
  return picture(seed, 200 + seed, 100);
};

const upload = async (name: string, bytes: Buffer, metadata: Record<string, string> = {}) => {
  await pipeline.upload(name, bytes, metadata);
  return pipeline.settled(name);
};

describe('the same picture', () => {
  it('under another name is not paid twice, and says what was saved', async () => {
    const bytes = await next();
    const first = await upload('first.jpg', bytes);
    const second = await upload('second.jpg', bytes);
    expect(pipeline.modelCalls()).toBe(1);
    expect(first).toMatchObject({ cost: { savedByCacheUsd: 0 } });
    expect(second).toMatchObject({
      status: 'completed',
      answer: DESCRIPTION,
      cost: { usd: 0, estimatedUsd: 0, savedByCacheUsd: (first['cost'] as { usd: number }).usd },
      attempts: [{ outcome: 'cache', costUsd: 0, tokens: null }],
    });
    expect((first['cost'] as { usd: number }).usd).toBeGreaterThan(0);
  });

  it('ten times at once under ten names is paid once', async () => {
    pipeline.model.behave({ latencyMs: 400 });
    const bytes = await next();
    const names = Array.from({ length: 10 }, (_, i) => `at-once/${i}.jpg`);
    const documents = await Promise.all(names.map((name) => upload(name, bytes)));
    expect(documents.map((document) => document['status'])).toEqual(names.map(() => 'completed'));
    expect(pipeline.modelCalls()).toBe(1);
    const paid = documents.reduce(
      (sum, { cost }) => sum + Math.round((cost as { usd: number }).usd * 1e9),
      0,
    );
    expect(paid).toBe(billOf(pipeline));
  });

  it('is asked about again with the metadata refresh=true, and that answer is the one to repeat', async () => {
    const bytes = await next();
    await upload('old.jpg', bytes);
    answerAlways(pipeline.model, { ...DESCRIPTION, caption: 'Seen again.' });
    expect(await upload('anew.jpg', bytes, { refresh: 'true' })).toMatchObject({
      answer: { caption: 'Seen again.' },
    });
    expect(await upload('after.jpg', bytes)).toMatchObject({
      answer: { caption: 'Seen again.' },
      attempts: [{ outcome: 'cache' }],
    });
    expect(pipeline.modelCalls()).toBe(2);
  });

  it('of another profile is another question', async () => {
    const bytes = await next();
    await upload('plain.jpg', bytes);
    pipeline.model.behave({ script: [{ json: { shelfId: null, items: [], confidence: 0.9 } }] });
    expect(await upload('inventory/plain.jpg', bytes)).toMatchObject({ attempts: [{ outcome: 'ok' }] });
  });

  it('is asked about again when the answer has expired or its result is gone', async () => {
    const bytes = await next();
    await upload('lasting.jpg', bytes);
    const [pointer] = (
      await pipeline.firestore.collection('answers').orderBy('expireAt', 'desc').limit(1).get()
    ).docs;
    await pointer?.ref.update({ expireAt: new Date(Date.now() - 1) });
    expect(await upload('expired.jpg', bytes)).toMatchObject({ attempts: [{ outcome: 'ok' }] });
    await pipeline.firestore
      .collection('results')
      .doc((await pointer?.ref.get())?.data()?.['resultId'])
      .delete();
    expect(await upload('orphan.jpg', bytes)).toMatchObject({ attempts: [{ outcome: 'ok' }] });
  });

  it('whose first question failed is asked about by the next one', async () => {
    const bytes = await next();
    pipeline.model.behave({
      script: [
        { reply: { status: 200, body: { promptFeedback: { blockReason: 'SAFETY' } } } },
        { json: DESCRIPTION },
      ],
    });
    expect(await upload('blocked.jpg', bytes)).toMatchObject({ status: 'refused' });
    expect(await upload('allowed.jpg', bytes)).toMatchObject({
      status: 'completed',
      attempts: [{ outcome: 'ok' }],
    });
  });
});
