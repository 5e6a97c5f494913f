import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalCloud } from '../../local/cloud.ts';
import { writeEndpoints } from '../../local/endpoints.ts';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import type { PubSubMessage } from '../../local/pubsub/message.ts';
import { UPLOADS_BUCKET } from '../../local/topology.ts';
import { seededRandom } from '../../shared/base/seeded-random.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { Buckets } from '../../shared/cloud/storage/buckets.ts';
import type { Lane } from '../../shared/prices/lanes.ts';
import { BatchJobs } from '../../shared/results/batches/jobs.ts';
import { CallWatch } from './calls.ts';
import { backfill, resumeAll } from './commands.ts';
import { startChaosCloud } from './environment.ts';
import { Journal } from './journal.ts';
import { judgeLanes, type LaneOutcome, patienceOf } from './lanes.ts';
import { MidStepKills } from './mid-step.ts';
import { type Money, readMoney } from './money.ts';
import { judge, MemoryWatch, type Outcome, openOnes, readAll, resultIdOf, share } from './outcome.ts';
import { populate } from './population.ts';
import { Refusals } from './refusals.ts';
import { BUS_FAULTS, type Kill, rage, WEATHER } from './storm.ts';
import { type Uploaded, uploadAll } from './uploading.ts';
import { createWishes } from './wishes.ts';

interface ChaosOptions {
  images: number;
  seed: number;
  /** Those that uploads wish for. */
  lanes: readonly Lane[];
  /** The time over which the images come and everything breaks, in milliseconds. */
  overMs: number;
  /** How long nothing may come to an end before the rest counts as lost, in milliseconds. */
  patienceMs: number;
  progress: (line: string) => void;
}

export interface ChaosReport extends Outcome {
  seed: number;
  lanes: Partial<Record<Lane, LaneOutcome>>;
  /** Pictures whose upload said how many seconds it has, and the share of them that ended in time. */
  patient: number;
  patienceKept: number;
  money: Money;
  modelCalls: number;
  modelCallsPerImage: number;
  /** Results that were stored more than once for one version. */
  storedTwice: number;
  /** Calls that are billed although their caller had given up, or was killed, before the answer came. */
  unheardCalls: number;
  /** Images of which more than one whole answer was heard: all, as a share, and those that no crash explains. */
  paidTwice: number;
  paidTwiceShare: number;
  paidTwiceUnexplained: number;
  paidTwiceWhy: string[];
  kills: number;
  notificationsLost: number;
  backfilled: number;
  replayedByHand: number;
  pushes: number;
  redeliveries: number;
  duplicates: number;
  deadLetters: number;
  peakMemoryMiB: Record<string, number>;
  /** Load average of the machine over the last five minutes, at the end. */
  load: number;
  seconds: number;
}

const LOST_SHARE = 0.05;
const LOOK_EVERY_MS = 1_000;

/** One run: the local cloud with real processes, everything that breaks, and what is left of the promise at the end. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { images, seed, overMs, progress } = options;
  const startedAt = Date.now();
  const dataDir = await mkdtemp(join(tmpdir(), 'chaos-'));
  // Each kind of chance draws from its own sequence, so that one more call does not change what is uploaded.
  const random = (kind: number) => seededRandom(seed * 1_000 + kind);
  const model = await startGeminiSimulator({ random: random(1), behavior: WEATHER });
  const losses = new Losses(random(2));
  const journal = new Journal();
  const midStep = new MidStepKills(random(5), (name) => cloud.supervisor.kill(name));
  const cloud: LocalCloud = await startChaosCloud(dataDir, model, {
    keepNotification: (topic, message) => losses.keep(topic, message),
    onLog: (name, line) => {
      journal.note(line);
      midStep.note(name, line);
    },
  });
  const refusals = new Refusals(cloud.firestore);
  const calls = new CallWatch(model);
  const memory = new MemoryWatch(cloud);
  Object.assign(process.env, cloud.clientEnv);
  const documents = new Documents({ projectId: cloud.clientEnv['GOOGLE_CLOUD_PROJECT'] ?? 'local' });
  const buckets = new Buckets();
  try {
    await announce(cloud, model, dataDir);
    cloud.pubsub.setFaults(BUS_FAULTS);
    const members = populate(images, overMs, random(3), createWishes(options.lanes, random(6)));
    let replayedByHand = 0;
    const [uploads, atRandom] = await Promise.all([
      uploadAll(buckets, members),
      rage({
        cloud,
        model,
        overMs,
        random: random(4),
        progress,
        dayQuotaRaised: async () => {
          replayedByHand += await resumeAll(dataDir);
        },
      }),
    ]);
    midStep.stop();
    const kills = [...atRandom, ...midStep.kills];
    progress('everything is uploaded and the storm is over; the weather stays');
    const backfilled = await backfill(dataDir);
    replayedByHand += await resumeAll(dataDir);
    const settled = await untilSettled(documents, uploads, options);
    if (!settled) progress('not everything has come to an end in time');
    memory.stop();
    // At their end they write what they kept.
    await cloud.supervisor.stop();
    calls.stop();
    const results = await readAll(documents);
    const outcome = await judge(uploads, results, buckets, refusals.ids);
    return {
      seed,
      ...outcome,
      ...laneFacts(uploads, results, losses.uploads),
      money: await readMoney(documents, calls.billed(kills), results, startedAt),
      ...callFacts(calls, kills, outcome, journal.byPicture(results)),
      storedTwice: storedTwice(journal, uploads),
      kills: kills.length,
      notificationsLost: losses.count,
      backfilled,
      replayedByHand,
      ...busFacts(cloud),
      peakMemoryMiB: memory.peak,
      load: Math.round((loadavg()[1] ?? 0) * 10) / 10,
      seconds: Math.round((Date.now() - startedAt) / 1_000),
    };
  } finally {
    calls.stop();
    memory.stop();
    await documents.close();
    await cloud.close();
    await model.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Notifications of new objects that get lost on their way from the bucket to the topic. */
class Losses {
  count = 0;
  /** Uploads that the pipeline hears of by a backfill only. */
  readonly uploads = new Set<string>();
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  keep(_topic: string, { attributes }: PubSubMessage): boolean {
    if (attributes?.['eventType'] !== 'OBJECT_FINALIZE' || this.#random() >= LOST_SHARE) return true;
    this.count += 1;
    if (attributes['bucketId'] === UPLOADS_BUCKET) this.uploads.add(attributes['objectId'] ?? '');
    return false;
  }
}

function laneFacts(
  uploads: readonly Uploaded[],
  results: Awaited<ReturnType<typeof readAll>>,
  unheardOf: ReadonlySet<string>,
) {
  const lanes = judgeLanes(uploads, results, unheardOf);
  const { patient, kept } = patienceOf(lanes);
  return { lanes, patient, patienceKept: kept };
}

function storedTwice(journal: Journal, uploads: readonly Uploaded[]): number {
  const versions = new Map(uploads.map((upload) => [resultIdOf(upload), upload.versions]));
  return [...versions].filter(([id, count]) => journal.stored(id) > count).length;
}

const announce = (cloud: LocalCloud, model: GeminiSimulator, dataDir: string): Promise<void> =>
  writeEndpoints(dataDir, {
    page: 'http://127.0.0.1:1',
    storage: cloud.storage.url,
    firestore: cloud.firestore.host,
    pubsub: cloud.pubsub.url,
    gemini: model.url,
    clientEnv: { ...cloud.clientEnv },
  });

/** False when nothing has come to an end for the whole patience. */
async function untilSettled(
  documents: Documents,
  uploads: readonly Uploaded[],
  { patienceMs, progress }: ChaosOptions,
): Promise<boolean> {
  const jobs = new BatchJobs(documents, { leaseMs: 1 });
  let best = { open: Number.POSITIVE_INFINITY, at: Date.now() };
  for (;;) {
    const unsettled = await jobs.active();
    const open = openOnes(uploads, await readAll(documents)).length + unsettled.length;
    if (open === 0) return true;
    if (open < best.open) best = { open, at: Date.now() };
    if (Date.now() - best.at > patienceMs) return false;
    progress(`${open} pictures and batch jobs have not come to an end`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

function callFacts(
  calls: CallWatch,
  kills: readonly Kill[],
  { good }: Outcome,
  said: (picture: string) => string,
) {
  const payments = calls.paidTwice(kills);
  return {
    modelCalls: calls.total,
    modelCallsPerImage: share(calls.total, good),
    unheardCalls: calls.billed(kills).filter(({ isUnheard }) => isUnheard).length,
    paidTwice: payments.length,
    paidTwiceShare: share(payments.length, good),
    paidTwiceUnexplained: payments.filter(({ explained }) => !explained).length,
    paidTwiceWhy: payments.map(({ picture, why }) => `${picture} ${why}: ${said(picture)}`),
  };
}

function busFacts(cloud: LocalCloud) {
  const push = Object.values(cloud.pubsub.stats().push);
  const sum = (field: 'pushes' | 'refused' | 'deadlineExceeded' | 'duplicates' | 'deadLettered') =>
    push.reduce((total, counts) => total + counts[field], 0);
  return {
    pushes: sum('pushes'),
    redeliveries: sum('refused') + sum('deadlineExceeded'),
    duplicates: sum('duplicates'),
    deadLetters: sum('deadLettered'),
  };
}
