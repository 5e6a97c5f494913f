import { expect } from 'vitest';
import type { LocalCloudOptions } from '../../local/cloud.ts';
import { billOf } from '../support/bill.ts';
import { answerAlways, DESCRIPTION, type Pipeline, picture, startPipeline } from '../support/pipeline.ts';

export interface BatchReport {
  looked: number;
  begun: number;
  ended: number;
  repeated: number;
  waiting: number;
  paused: boolean;
}

/** Nothing waits: a job is begun, looked at and given up when a run of `batch` is told, and only then. */
export const batchEnv = {
  ...{ FUNCTION_TIMEOUT_MS: '60000', BATCH_COLLECT_MS: '0', BATCH_POLL_MS: '10' },
  ...{ BATCH_CREATE_SETTLE_MS: '1500', BATCH_CANCEL_GRACE_MS: '3000' },
};

/** The cloud with a function `batch` that only runs when told. */
export const batchOptions = (options: Partial<LocalCloudOptions> = {}): Partial<LocalCloudOptions> => ({
  functions: ['resize-image', 'analyze-image', 'batch'],
  batchEveryMs: 0,
  ...options,
  functionEnv: { batch: batchEnv, ...options.functionEnv },
  env: { STALE_MS: '2000', CONTROL_CACHE_MS: '50', ...options.env },
});

export const startBatchPipeline = (options: Partial<LocalCloudOptions> = {}): Promise<Pipeline> =>
  startPipeline(batchOptions(options));

/** Nothing is left of an earlier test of the same cloud, and each question gets a sure answer. */
export async function startOver(pipeline: Pipeline): Promise<void> {
  await runUntil(pipeline, allEnded(pipeline));
  for (const collection of ['batches', 'spend', 'answers'])
    await pipeline.firestore.recursiveDelete(pipeline.firestore.collection(collection));
  pipeline.model.reset();
  answerAlways(pipeline.model, DESCRIPTION);
}

export const UNSURE = { ...DESCRIPTION, confidence: 0 };

export async function runBatch(pipeline: Pipeline): Promise<BatchReport> {
  const response = await fetch(pipeline.cloud.url('batch'), { method: 'POST', body: '{}' });
  if (response.status !== 200) throw new Error(`batch answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as BatchReport;
}

/** Runs until the condition holds; a run that is killed counts as one. */
export async function runUntil(
  pipeline: Pipeline,
  condition: () => Promise<boolean>,
  withinMs = 90_000,
): Promise<void> {
  const endsAt = Date.now() + withinMs;
  let last: unknown;
  while (!(await condition())) {
    if (Date.now() > endsAt) throw new Error(`not within ${withinMs} ms: ${JSON.stringify(last)}`);
    last = await runBatch(pipeline).catch(String);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

let seed = 9_000;

/** Uploads pictures of the lane batch; resolves with their names when they wait. */
export async function uploadForBatch(
  pipeline: Pipeline,
  count: number,
  metadata: Record<string, string> = {},
): Promise<string[]> {
  const names: string[] = [];
  for (let i = 0; i < count; i += 1) {
    seed += 1;
    names.push(`batch-${seed}.jpg`);
    await pipeline.upload(`batch-${seed}.jpg`, await picture(seed, 64 + (seed % 97), 48), {
      lane: 'batch',
      ...metadata,
    });
  }
  for (const name of names) await pipeline.settled(name);
  return names;
}

export const documentsOf = (pipeline: Pipeline, names: readonly string[]) =>
  Promise.all(names.map(async (name) => (await pipeline.result(name)) ?? {}));

export const allAre =
  (pipeline: Pipeline, names: readonly string[], status: string) => async (): Promise<boolean> =>
    (await documentsOf(pipeline, names)).every((document) => document['status'] === status);

export const jobsOf = async ({ firestore }: Pipeline): Promise<Record<string, never>[]> =>
  (await firestore.collection('batches').get()).docs.map((doc) => ({ id: doc.id, ...doc.data() }) as never);

/** Whether no job is under way any more. */
export const allEnded = (pipeline: Pipeline) => async (): Promise<boolean> =>
  (await jobsOf(pipeline)).every(({ state }) => state === 'ended');

/** `batch 0 ok`, `standard 1 MODEL_OVERLOADED`: lane, step and end of each call. */
export const callsOf = (document: Record<string, unknown> | undefined): string[] =>
  ((document?.['attempts'] ?? []) as { lane?: string; outcome: string; step: number }[]).map(
    ({ lane = 'standard', outcome, step }) => `${lane} ${step} ${outcome}`,
  );

/** Each of the pictures was asked by these calls and no other. */
export async function expectCalls(
  pipeline: Pipeline,
  names: readonly string[],
  ...calls: readonly string[]
): Promise<void> {
  expect((await documentsOf(pipeline, names)).map(callsOf)).toEqual(names.map(() => calls));
}

/** Each call is booked once, in its document where there is one and in the spend log. */
export async function expectBill(pipeline: Pipeline, names: readonly string[]): Promise<void> {
  const { documents, books, bill } = await moneyOf(pipeline, names);
  expect([documents, books]).toEqual([bill, bill]);
}

const nanos = (usd: unknown): number => Math.round(Number(usd) * 1e9);

/** Of documents, of the spend log, and of the simulator, in nano-dollars. */
export async function moneyOf(
  pipeline: Pipeline,
  names: readonly string[],
): Promise<{ documents: number; books: number; bill: number }> {
  const documents = (await documentsOf(pipeline, names)).map(
    (one) => one['cost'] as { usd: number } | undefined,
  );
  const days = await pipeline.firestore.collectionGroup('shards').get();
  const books = days.docs.reduce(
    (sum, doc) => sum + Number((doc.data()['total'] as Record<string, number>)['nanoUsd'] ?? 0),
    0,
  );
  return {
    documents: documents.reduce((sum, cost) => sum + nanos(cost?.usd ?? 0), 0),
    books,
    bill: billOf(pipeline),
  };
}

/** What is held of the budgets of the day beyond what was spent, in nano-dollars, by who holds it. */
export async function heldBy(pipeline: Pipeline): Promise<Record<string, number>> {
  const spend = await pipeline.firestore.collection('spend').get();
  const held: Record<string, number> = {};
  for (const doc of spend.docs)
    for (const [owner, grant] of Object.entries(
      (doc.data()['grants'] ?? {}) as Record<string, { nanoUsd: number; expiresAt: unknown }>,
    ))
      if (grant.expiresAt !== null) held[owner] = grant.nanoUsd;
  return held;
}
