import { afterEach, describe, expect, it } from 'vitest';
import { dayOf, usdOf } from '../../shared/prices/units.ts';
import { billOf } from '../support/bill.ts';
import { DESCRIPTION, type Pipeline, picture, startPipeline } from '../support/pipeline.ts';

let pipeline: Pipeline;
afterEach(() => pipeline.close());

const today = () => dayOf(Date.now());

const cost = (document: Record<string, unknown>) =>
  document['cost'] as { estimatedUsd: number; usd: number; savedByCacheUsd: number };

/** One plain description, so that budgets can be named in images. */
async function priceOfOne(): Promise<number> {
  pipeline = await startPipeline();
  await pipeline.upload('one.jpg', await picture(1));
  const { usd } = cost(await pipeline.settled('one.jpg'));
  await pipeline.close();
  return usd;
}

async function uploadMany(count: number, metadata: (i: number) => Record<string, string> = () => ({})) {
  const names = Array.from({ length: count }, (_, i) => `many/${i}.jpg`);
  await Promise.all(
    names.map(async (name, i) => pipeline.upload(name, await picture(i + 1, 64 + i, 64), metadata(i))),
  );
  await pipeline.cloud.pubsub.idle();
  return Promise.all(names.map((name) => pipeline.settled(name)));
}

const count = (documents: readonly Record<string, unknown>[], status: string): number =>
  documents.filter((document) => document['status'] === status).length;

describe('a budget of the day', () => {
  it('for 50 images is never overshot by 200 at once: the rest is parked until tomorrow', {
    timeout: 240_000,
  }, async () => {
    const limitUsd = (await priceOfOne()) * 50;
    pipeline = await startPipeline({
      env: { DAILY_BUDGET_USD: String(limitUsd) },
    });
    const documents = await uploadMany(200);

    expect(usdOf(billOf(pipeline))).toBeLessThanOrEqual(limitUsd);
    const completed = count(documents, 'completed');
    expect(completed).toBeLessThanOrEqual(50);
    // What a call can cost at most must be left before it is made; at the end that is the price of about three.
    expect(completed).toBeGreaterThanOrEqual(46);
    expect(count(documents, 'parked')).toBe(200 - completed);
    const parked = documents.find((document) => document['status'] === 'parked');
    expect(parked).toMatchObject({
      failure: { code: 'BUDGET_EXHAUSTED', message: expect.stringContaining('budget of the day') },
    });

    const sum = documents.reduce(
      (total, document) => total + Math.round((cost(document)?.usd ?? 0) * 1e9),
      0,
    );
    expect(sum).toBe(billOf(pipeline));
  });

  it('that is raised in control/budget while the pipeline runs lets the next image through', async () => {
    pipeline = await startPipeline({ env: { DAILY_BUDGET_USD: '0', CONTROL_CACHE_MS: '100' } });
    await pipeline.upload('poor.jpg', await picture(1));
    expect(await pipeline.settled('poor.jpg')).toMatchObject({ status: 'parked' });
    await pipeline.firestore.doc('control/budget').set({ dailyUsd: 1 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    await pipeline.upload('rich.jpg', await picture(2));
    expect(await pipeline.settled('rich.jpg')).toMatchObject({ status: 'completed' });
    await pipeline.firestore.doc('control/budget').set({ dailyUsd: 'a lot' });
    await new Promise((resolve) => setTimeout(resolve, 200));
    await pipeline.upload('still-rich.jpg', await picture(3));
    expect(await pipeline.settled('still-rich.jpg')).toMatchObject({ status: 'completed' });
  });

  it('of an uploader refuses the pictures of this one only, with a sentence', async () => {
    pipeline = await startPipeline({ env: { UPLOADER_DAILY_BUDGET_USD: '0.000001' } });
    const [hers, nobodys] = await Promise.all(
      [{ uploader: 'ana' }, {}].map(async (metadata: Record<string, string>, i) => {
        await pipeline.upload(`${i}.jpg`, await picture(i + 1), metadata);
        return pipeline.settled(`${i}.jpg`);
      }),
    );
    expect(hers).toMatchObject({
      status: 'refused',
      failure: { code: 'UPLOADER_BUDGET_EXHAUSTED', message: expect.stringContaining('this uploader') },
    });
    expect(nobodys).toMatchObject({ status: 'completed' });
  });

  it('of an uploader parks the picture where that is configured, and of a profile always', async () => {
    pipeline = await startPipeline({
      env: {
        UPLOADER_DAILY_BUDGET_USD: '0',
        UPLOADER_BUDGET_ACTION: 'park',
        PROFILE_DAILY_BUDGET_USD: '{"moderation": 0}',
      },
    });
    await pipeline.upload('a.jpg', await picture(1), { uploader: 'ana' });
    await pipeline.upload('moderation/b.jpg', await picture(2));
    expect(await pipeline.settled('a.jpg')).toMatchObject({ status: 'parked' });
    expect(await pipeline.settled('moderation/b.jpg')).toMatchObject({
      status: 'parked',
      parked: { reason: expect.stringContaining('profile moderation') },
    });
    expect(pipeline.modelCalls()).toBe(0);
  });

  it('that does not reach for a dearer step keeps the best answer so far', async () => {
    // Enough for the first step with a long answer, not for the second.
    pipeline = await startPipeline({ env: { DAILY_BUDGET_USD: '0.003' } });
    const long = { ...DESCRIPTION, visibleText: 'word '.repeat(600), confidence: 0.1 };
    pipeline.model.behave({ script: [{ json: long, times: 9 }] });
    await pipeline.upload('unsure.jpg', await picture(1));
    expect(await pipeline.settled('unsure.jpg')).toMatchObject({
      status: 'completed',
      model: { step: 0, confidence: 0.1 },
      attempts: [{ outcome: 'low-confidence' }, { outcome: 'BUDGET_EXHAUSTED', costUsd: 0 }],
    });
  });

  it('shows in one document who holds what, and in the shard of an instance what was spent', async () => {
    pipeline = await startPipeline();
    await pipeline.upload('inventory/a.jpg', await picture(1), { uploader: 'ana@example.com' });
    pipeline.model.behave({ script: [{ json: { shelfId: null, items: [], confidence: 0.9 } }] });
    const { usd } = cost(await pipeline.settled('inventory/a.jpg'));
    const budget = (await pipeline.firestore.doc(`spend/pipeline_${today()}`).get()).data();
    expect(budget).toMatchObject({ scope: 'pipeline', limitNanoUsd: 10_000_000_000 });
    const shards = await pipeline.firestore.collection(`spend/pipeline_${today()}/shards`).get();
    const nanoUsd = Math.round(usd * 1e9);
    expect(shards.docs.map((doc) => doc.data())).toMatchObject([
      {
        scopes: { pipeline: nanoUsd },
        total: { images: 1, calls: expect.any(Number), nanoUsd },
        profiles: { inventory: { images: 1, nanoUsd } },
        models: { 'gemini-3.5-flash-lite': { nanoUsd } },
        uploaders: { 'ana@example.com': { images: 1, nanoUsd } },
      },
    ]);
  });
});
