import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalCloud, startLocalCloud } from '../../local/cloud.ts';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { UPLOADS_BUCKET } from '../../local/topology.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { Buckets } from '../../shared/cloud/storage/buckets.ts';
import { costReport } from '../../shared/money/report.ts';
import type { Lane } from '../../shared/prices/lanes.ts';
import { dayOf, nanosOf, usdOf } from '../../shared/prices/units.ts';
import { type ResultDocument, resultDocument } from '../../shared/results/document.ts';
import { resultId } from '../../shared/results/id.ts';
import { billed } from './bill.ts';
import { runBatches } from './run-batches.ts';
import { scriptOf } from './shelves.ts';

export interface Measured {
  usdPer1000: number;
  settledNanos: number;
  billedNanos: number;
  bookedNanos: number;
  climbRate: number;
  operationsPerImage: number;
  /** Of the calls, those that the standard lane served. */
  standardShare: number;
}

interface RunOptions {
  climbs: boolean;
  lane?: Lane;
  /** Of the functions. */
  env?: Record<string, string>;
  behavior?: Parameters<GeminiSimulator['behave']>[0];
  profile?: string;
  /** What the models answer; about shelves when absent. */
  answers?: Script;
}

type Script = NonNullable<Parameters<GeminiSimulator['behave']>[0]['script']>;

/** What pictures cost as the functions settle them, as the simulator bills them and as spendLog books them. */
export async function throughPipeline(pictures: readonly Buffer[], options: RunOptions): Promise<Measured> {
  const { climbs, lane, env = {}, behavior = {}, profile = 'inventory' } = options;
  const dataDir = await mkdtemp(join(tmpdir(), 'bench-cost-'));
  const simulator = await startGeminiSimulator();
  const cloud = await startLocalCloud({
    dataDir,
    functions: ['resize-image', 'analyze-image', ...(lane === 'batch' ? (['batch'] as const) : [])],
    batchEveryMs: 0,
    model: { kind: 'running', url: simulator.url },
    env: { DAILY_BUDGET_USD: '100' },
    functionEnv: {
      'resize-image': env,
      // No sweep takes up here what finds no place in the lane.
      'analyze-image': { FLEX_MAX_CONCURRENCY: '1000', ...env },
      batch: { BATCH_COLLECT_MS: '0', BATCH_POLL_MS: '10' },
    },
  });
  Object.assign(process.env, cloud.clientEnv);
  const documents = new Documents({ projectId: cloud.clientEnv['GOOGLE_CLOUD_PROJECT'] ?? 'local' });
  try {
    const answers = options.answers ?? scriptOf(pictures.length, climbs);
    simulator.behave({ ...behavior, script: [...(behavior.script ?? []), ...answers] });
    const names = await upload(pictures, cloud, profile, lane);
    if (lane === 'batch') await runBatches(cloud, documents);
    const { reads, writes } = cloud.firestore.operations();
    const results = await Promise.all(
      names.map(async (name) => {
        const stored = await documents.get(`results/${resultId({ bucket: UPLOADS_BUCKET, name })}`);
        return resultDocument.parse(stored?.data);
      }),
    );
    const isOver = ({ status, failure }: ResultDocument) =>
      status === 'completed' || failure?.code === 'NOT_SUITABLE';
    const unfinished = results.filter((document) => !isOver(document));
    if (unfinished.length > 0)
      throw new Error(
        `${unfinished.length} pictures were not completed: ${JSON.stringify(unfinished[0]?.failure)}`,
      );
    const today = dayOf(Date.now());
    const spendLog = await costReport(documents, today, today);
    const settledNanos = results.reduce((sum, { cost }) => sum + nanosOf(cost?.usd ?? 0), 0);
    const calls = results.reduce(
      (sum, { attempts }) => sum + attempts.filter((row) => row.outcome !== 'cache').length,
      0,
    );
    const asked = results.filter(({ attempts }) => attempts.some((row) => row.outcome !== 'cache')).length;
    return {
      usdPer1000: (usdOf(settledNanos) / pictures.length) * 1000,
      settledNanos,
      billedNanos: billed(simulator),
      bookedNanos: nanosOf(spendLog.total.usd),
      climbRate: calls / asked - 1,
      operationsPerImage: (reads + writes) / pictures.length,
      standardShare: standardShare(results),
    };
  } finally {
    await documents.close();
    await cloud.close();
    await simulator.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Resolves when nothing is under way any more; no listener, which would count as reads. */
async function upload(
  pictures: readonly Buffer[],
  cloud: LocalCloud,
  profile: string,
  lane: Lane | undefined,
): Promise<string[]> {
  const buckets = new Buckets();
  const names = pictures.map((_, i) => `${profile}/${i}.jpg`);
  for (const [i, name] of names.entries()) {
    const bytes = pictures[i];
    const options = { contentType: 'image/jpeg', metadata: lane === undefined ? {} : { lane } };
    if (bytes) await buckets.create({ bucket: UPLOADS_BUCKET, name }, bytes, options);
  }
  await cloud.pubsub.idle();
  return names;
}

function standardShare(results: readonly ResultDocument[]): number {
  const calls = results.flatMap(({ attempts }) => attempts).filter(({ costUsd }) => costUsd !== 0);
  return calls.filter(({ lane }) => lane === undefined).length / Math.max(1, calls.length);
}
