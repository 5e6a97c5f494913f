import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalCloud } from '../../local/cloud.ts';
import { writeEndpoints } from '../../local/endpoints.ts';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import type { PubSubMessage } from '../../local/pubsub/message.ts';
import { seededRandom } from '../../shared/base/seeded-random.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { Buckets } from '../../shared/cloud/storage/buckets.ts';
import { CallWatch } from './calls.ts';
import { backfill, resumeAll } from './commands.ts';
import { startChaosCloud } from './environment.ts';
import { Journal } from './journal.ts';
import { judge, MemoryWatch, type Outcome, openOnes, readAll, resultIdOf, share } from './outcome.ts';
import { populate } from './population.ts';
import { Refusals } from './refusals.ts';
import { BUS_FAULTS, type Kill, rage, WEATHER } from './storm.ts';
import { type Uploaded, uploadAll } from './uploading.ts';

interface ChaosOptions {
  images: number;
  seed: number;
  /** The time over which the images come and everything breaks, in milliseconds. */
  overMs: number;
  /** How long nothing may come to an end before the rest counts as lost, in milliseconds. */
  patienceMs: number;
  progress: (line: string) => void;
}

export interface ChaosReport extends Outcome {
  seed: number;
  modelCalls: number;
  modelCallsPerImage: number;
  /** Results that were stored more than once for one version. */
  storedTwice: number;
  /** Images that got more than one whole answer: all, as a share, and those that no crash explains. */
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
  const cloud = await startChaosCloud(dataDir, model, {
    keepNotification: (topic, message) => losses.keep(topic, message),
    onLog: (_, line) => journal.note(line),
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
    const members = populate(images, overMs, random(3));
    let replayedByHand = 0;
    const [uploads, kills] = await Promise.all([
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
    progress('everything is uploaded and the storm is over; the weather stays');
    const backfilled = await backfill(dataDir);
    replayedByHand += await resumeAll(dataDir);
    const settled = await untilSettled(documents, uploads, options);
    if (!settled) progress('not everything has come to an end in time');
    calls.stop();
    memory.stop();
    const results = await readAll(documents);
    const outcome = await judge(uploads, results, buckets, refusals.ids);
    return {
      seed,
      ...outcome,
      ...callFacts(calls, kills, outcome, journal.byPicture(results)),
      storedTwice: storedTwice(journal, uploads),
      kills: kills.length,
      notificationsLost: losses.count,
      backfilled,
      replayedByHand,
      ...busFacts(cloud),
      peakMemoryMiB: memory.peak,
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
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  keep(_topic: string, { attributes }: PubSubMessage): boolean {
    if (attributes?.['eventType'] !== 'OBJECT_FINALIZE' || this.#random() >= LOST_SHARE) return true;
    this.count += 1;
    return false;
  }
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
  let best = { open: Number.POSITIVE_INFINITY, at: Date.now() };
  for (;;) {
    const open = openOnes(uploads, await readAll(documents)).length;
    if (open === 0) return true;
    if (open < best.open) best = { open, at: Date.now() };
    if (Date.now() - best.at > patienceMs) return false;
    progress(`${uploads.length - open} of ${uploads.length} have come to an end`);
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
