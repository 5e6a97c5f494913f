import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { billOf } from '../support/bill.ts';
import { answerAlways, DESCRIPTION, type Pipeline, picture, startPipeline } from '../support/pipeline.ts';

let pipeline: Pipeline;
let seed = 100;

beforeAll(async () => {
  pipeline = await startPipeline({ env: { MODEL_ATTEMPT_MS: '4000' } });
});
afterAll(() => pipeline.close());
beforeEach(() => pipeline.model.reset());

type Script = NonNullable<Parameters<Pipeline['model']['behave']>[0]['script']>;

async function analyzed(folder: string, script: Script): Promise<Record<string, unknown>> {
  seed += 1;
  const name = `${folder}/${seed}.jpg`;
  pipeline.model.behave({ script: [...script] });
  await pipeline.upload(name, await picture(seed, 100 + seed, 80), { uploader: 'ana' });
  return pipeline.settled(name);
}

const nanos = (document: Record<string, unknown>): number =>
  Math.round((document['cost'] as { usd: number }).usd * 1e9);

const rows = (document: Record<string, unknown>) =>
  document['attempts'] as { outcome: string; costUsd: number | null; step: number; tokens: unknown }[];

const ITEM = { sku: '4006381333931', quantity: 3, condition: 'new' };
const shelf = (items: (typeof ITEM)[], confidence = 0.9) => ({ shelfId: 'A-1', items, confidence });

describe('the cost of an image', () => {
  it.each<[string, Script, string[]]>([
    ['answered at once', [{ json: DESCRIPTION }], ['ok']],
    ['repaired once', [{ json: {} }, { json: DESCRIPTION }], ['invalid', 'ok']],
    [
      'climbed twice',
      [{ json: { ...DESCRIPTION, confidence: 0 }, times: 2 }, { json: DESCRIPTION }],
      ['low-confidence', 'low-confidence', 'ok'],
    ],
    ['blocked after the answer', [{ fault: 'safety' }], ['blocked']],
    [
      'failed by the server and repeated',
      [{ fault: 'server503' }, { json: DESCRIPTION }],
      ['MODEL_OVERLOADED', 'ok'],
    ],
  ])('%s is what the simulator bills, to the nano-dollar', async (_, script, outcomes) => {
    const document = await analyzed('describe', script);
    expect(rows(document).map(({ outcome }) => outcome)).toEqual(outcomes);
    expect(nanos(document)).toBe(billOf(pipeline));
    expect(rows(document).reduce((sum, { costUsd }) => sum + Math.round((costUsd ?? 0) * 1e9), 0)).toBe(
      nanos(document),
    );
  });

  it('is estimated before the first call', async () => {
    const { cost } = await analyzed('describe', [{ json: DESCRIPTION }]);
    expect(cost).toMatchObject({ estimatedUsd: expect.any(Number), savedByCacheUsd: 0 });
    expect((cost as { estimatedUsd: number }).estimatedUsd).toBeGreaterThan(0);
  });

  it('that nobody knows, because the answer never came, is not claimed to be known', async () => {
    const document = await analyzed('describe', [{ fault: 'hang' }, { json: DESCRIPTION }]);
    expect(rows(document)).toMatchObject([{ outcome: 'MODEL_TIMEOUT', costUsd: null }, { outcome: 'ok' }]);
  });

  it('over many images, repeated ones among them, adds up to the bill, at no more than 8 reads and writes each', async () => {
    answerAlways(pipeline.model, DESCRIPTION);
    const names = Array.from({ length: 60 }, (_, i) => `sum/${i}.jpg`);
    const before = operations();
    for (const [i, name] of names.entries()) {
      // Not all at once: on a busy machine events would be delivered again before their turn, which costs a look each.
      if (i % BATCH === 0) await pipeline.cloud.pubsub.idle();
      const seed = i % DIFFERENT;
      await pipeline.upload(name, await picture(seed, 300 + seed, 200));
    }
    await pipeline.cloud.pubsub.idle();
    const perImage = (operations() - before) / names.length;
    const documents = await Promise.all(names.map((name) => pipeline.settled(name)));
    expect(documents.filter(({ status }) => status === 'completed')).toHaveLength(60);
    expect(documents.reduce((sum, document) => sum + nanos(document), 0)).toBe(billOf(pipeline));
    expect(perImage).toBeLessThanOrEqual(8);
  });
});

const DIFFERENT = 50;
const BATCH = 10;

const operations = (): number => {
  const { reads, writes } = pipeline.cloud.firestore.operations();
  return reads + writes;
};

describe('an answer that breaks a check', () => {
  it('such as the check digit of a barcode climbs although it claims to be sure', async () => {
    const document = await analyzed('inventory', [
      { json: shelf([{ ...ITEM, sku: '4006381333930' }], 1) },
      { json: shelf([ITEM], 0.7) },
    ]);
    expect(document).toMatchObject({
      status: 'completed',
      answer: { items: [{ sku: '4006381333931' }] },
      model: { step: 1, checks: expect.arrayContaining([{ name: 'gtin-check-digit', passed: true }]) },
    });
    expect(rows(document).map(({ outcome }) => outcome)).toEqual(['failed-check', 'ok']);
  });

  it('is kept when no step does better, with the check that it broke', async () => {
    const document = await analyzed('inventory', [
      { json: shelf([{ ...ITEM, quantity: 20_000 }]), times: 3 },
    ]);
    expect(document).toMatchObject({
      status: 'completed',
      model: {
        checks: expect.arrayContaining([{ name: 'within items[].quantity 0..10000', passed: false }]),
      },
    });
    expect(rows(document)).toHaveLength(3);
  });
});

describe('the audit log', () => {
  it('has one record per call: who, what, which model, how it ended and what it cost, and nothing of the picture', async () => {
    await analyzed('describe', [{ json: {} }, { json: { ...DESCRIPTION, caption: 'A secret shelf.' } }]);
    const name = `describe/${seed}.jpg`;
    const records = await auditOf(name);
    expect(records).toMatchObject([
      {
        uploader: 'ana',
        name,
        profile: 'describe',
        model: 'gemini-3.5-flash-lite',
        step: 0,
        costUsd: expect.any(Number),
      },
      { uploader: 'ana', tokens: { prompt: expect.any(Number) } },
    ]);
    expect(records[0]?.['promptSha256']).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(records)).not.toContain('secret shelf');
  });
});

async function auditOf(name: string): Promise<Record<string, unknown>[]> {
  const endsAt = Date.now() + 8_000;
  for (;;) {
    const documents = (await pipeline.firestore.collection('audit').get()).docs.map((doc) => doc.data());
    const records = documents
      .flatMap((document) => document['records'] as Record<string, unknown>[])
      .filter((record) => record['name'] === name);
    if (records.length >= 2 || Date.now() > endsAt) return records;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
