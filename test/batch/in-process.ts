import { afterEach, beforeEach } from 'vitest';
import type { BatchApi, ResultLine } from '../../functions/batch/apis/batch-api.ts';
import type { BatchDependencies } from '../../functions/batch/dependencies.ts';
import { createBatchRun } from '../../functions/batch/handler.ts';
import { promptOf } from '../../functions/batch/member.ts';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import { silentLog } from '../../shared/base/log.ts';
import { Documents, type Write } from '../../shared/cloud/firestore/documents.ts';
import type { ModelReply } from '../../shared/model/request.ts';
import { BudgetLimits } from '../../shared/money/budgets.ts';
import { Estimator } from '../../shared/money/estimate.ts';
import { PriceList } from '../../shared/prices/price-list.ts';
import { profileNamed } from '../../shared/profiles/index.ts';
import type { BatchJob } from '../../shared/results/batches/job.ts';
import { BatchJobs } from '../../shared/results/batches/jobs.ts';
import { groupOf } from '../../shared/results/batches/waiting.ts';
import { type ResultDocument, resultDocument } from '../../shared/results/document.ts';
import { documentPath, resultId } from '../../shared/results/id.ts';
import { Results } from '../../shared/results/results.ts';
import { DESCRIPTION } from '../support/pipeline.ts';

export const HOUR_MS = 3_600_000;
export const NEVER = new AbortController().signal;

export const idOf = (name: string): string => resultId({ bucket: 'uploads', name });

export const replyOf = (model: string, json: unknown = DESCRIPTION): ModelReply => ({
  end: { kind: 'answer', text: JSON.stringify(json) },
  modelVersion: model,
  lane: 'batch',
  usage: { prompt: 1_000, image: 0, cached: 0, thoughts: 0, output: 100 },
});

/** Google's side in memory: a job is over as soon as it is looked at, with an answer to each of its requests. */
export class Google implements BatchApi {
  readonly name = 'developer' as const;
  readonly created: { id: string; name: string; model: string; keys: readonly string[] }[] = [];
  readonly cancelled: string[] = [];
  readonly #files = new Map<string, readonly string[]>();
  /** How the job ends that is created as the n-th, counted from 0. */
  ends: (n: number) => 'succeeded' | 'expired' = () => 'succeeded';
  says: (model: string) => unknown = () => DESCRIPTION;
  /** Before the answers of a job are given out. */
  answering: () => Promise<void> = async () => undefined;
  storing: () => Promise<void> = async () => undefined;
  /** Before a job is created. */
  creating: () => Promise<void> = async () => undefined;

  line(key: string) {
    return { key, head: `${key}\n`, tail: '' };
  }

  async store(id: string, lines: AsyncIterable<Buffer>): Promise<string> {
    await this.storing();
    const keys: string[] = [];
    for await (const line of lines) keys.push(line.toString().trim());
    this.#files.set(id, keys);
    return id;
  }

  async create(id: string, model: string, input: string) {
    await this.creating();
    const name = `batches/${this.created.length}`;
    this.created.push({ id, name, model, keys: this.#files.get(input) ?? [] });
    return { name, state: 'pending' as const };
  }

  async find(id: string) {
    const found = this.created.find((job) => job.id === id);
    return found && { name: found.name, state: 'pending' as const };
  }

  async get(name: string) {
    const n = this.created.findIndex((job) => job.name === name);
    const state = this.ends(n);
    return { name, state, ...(state === 'succeeded' ? { output: name } : {}) };
  }

  async cancel(name: string): Promise<void> {
    this.cancelled.push(name);
  }

  async *results(output: string, model: string): AsyncGenerator<ResultLine> {
    const job = this.created.find(({ name }) => name === output);
    await this.answering();
    for (const key of job?.keys ?? []) yield { key, reply: replyOf(model, this.says(model)) };
  }

  async discard(): Promise<void> {}
}

export interface Bench {
  server: FirestoreServer;
  documents: Documents;
  google: Google;
  close(): Promise<void>;
}

/** One that each test of a file has anew. */
export function useBench(): Bench {
  const bench = {} as Bench;
  beforeEach(async () => {
    Object.assign(bench, await startBench());
  });
  afterEach(() => bench.close());
  return bench;
}

export async function startBench(): Promise<Bench> {
  const server = await startFirestoreServer({ port: 0 });
  const documents = new Documents({ projectId: 'local', emulatorHost: server.host });
  const close = async () => {
    await documents.close();
    await server.close();
  };
  return { server, documents, google: new Google(), close };
}

/** One process of the function `batch`. `ofJobs`: through which it writes what it says of jobs. */
export function processOf(
  { documents, google: api }: Bench,
  changed: Partial<BatchDependencies> = {},
  { leaseMs = 60_000, ofJobs = documents }: { leaseMs?: number; ofJobs?: Documents } = {},
): BatchDependencies {
  const prices = new PriceList();
  const limits = { daily: 1e12, uploaderDaily: null, uploaders: {}, profiles: {} };
  const quiet = async () => undefined;
  return {
    ...{ api, documents, prices, log: silentLog, recall: quiet, ended: quiet, publish: quiet },
    jobs: new BatchJobs(ofJobs, { leaseMs }),
    results: new Results(documents, { maxExecutions: 50, retentionDays: 0 }),
    buckets: { find: quiet, readOnlyVersion: async () => Buffer.alloc(1) },
    control: { pauseOf: quiet, pause: quiet },
    profileAsked: async (name) => profileNamed(name),
    referencesOf: () => [],
    estimator: new Estimator(prices),
    limits: new BudgetLimits(documents, limits, { cacheMs: 60_000, log: silentLog }),
    audit: { record: () => undefined },
    options: {
      ...{ preparedTopic: 'prepared', enoughPictures: 1, collectMs: 0, maxPictures: 1_000, maxBytes: 1e9 },
      ...{ maxTokens: 1e9, maxJobs: 90, leaseMs, pollMs: 0, createSettleMs: 500, cancelGraceMs: 0 },
      ...{ staleMs: 60_000, repairMs: 1_000, times: { BATCH_RESERVE_MS: HOUR_MS, BATCH_LEAST_MS: HOUR_MS } },
    },
    ...changed,
  };
}

export const runOf = (deps: BatchDependencies) => createBatchRun(deps, 60_000)(NEVER, true);

/** The same store, in which a commit that `holds` for never comes about: whoever needs it ends there, as by a kill. */
export function dyingAt(
  documents: Documents,
  holds: (writes: readonly Write[]) => Promise<boolean>,
): Documents {
  const commit = async (writes: readonly Write[]) => {
    if (await holds(writes)) throw new Error('The process is gone.');
    return documents.commit(writes);
  };
  return new Proxy(documents, {
    get: (target, name) => {
      if (name === 'commit') return commit;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** A picture that waits for a batch. */
export async function waiting(
  { documents }: Bench,
  name: string,
  {
    patienceMs = 24 * HOUR_MS,
    generation = '1',
    batch = {},
  }: {
    patienceMs?: number;
    generation?: string;
    batch?: Partial<NonNullable<ResultDocument['batch']>>;
  } = {},
): Promise<void> {
  const profile = profileNamed('describe');
  if (!profile) throw new Error('There is no profile describe.');
  const now = new Date();
  const { question } = promptOf(profile, () => []);
  const [model] = profile.ladder[0].models;
  const id = idOf(name);
  const data = {
    ...{ status: 'parked', profile: 'describe', profileVersion: profile.version, attempts: [], timings: {} },
    source: {
      ...{ bucket: 'uploads', name, generation, contentType: null, bytes: 1, md5: null },
      ...{ uploader: null, uploadedAt: now },
    },
    prepared: {
      ...{ bucket: 'prepared', name: `${id}/${generation}.jpg`, width: 320, height: 240, bytes: 1 },
      ...{ sha256: name, reencoded: false },
    },
    claim: { owner: `${name}-${generation}`, stage: 'analyze', expiresAt: now, count: 1 },
    lane: { asked: 'batch', patienceMs, since: now },
    batch: {
      ...{ question, waitingSince: now, misses: 0 },
      group: groupOf({ model, profile, question }, patienceMs - HOUR_MS),
      ...batch,
    },
    parked: { until: now, reason: 'Waits.' },
    failure: new PipelineError('BATCH_WAITING', 'Waits.').toPublic(),
    ...{ createdAt: now, updatedAt: now },
  };
  await documents.commit([{ kind: 'put', path: documentPath(id), data }]);
}

export async function resultOf({ documents }: Bench, name: string): Promise<ResultDocument> {
  return resultDocument.parse((await documents.get(documentPath(idOf(name))))?.data);
}

export async function jobsIn({ documents }: Bench): Promise<(BatchJob & { id: string })[]> {
  const jobs = await new BatchJobs(documents, { leaseMs: 1 }).newest(100);
  return jobs.map(({ id, job }) => ({ id, ...job })).toReversed();
}

/** A process that is gone, or stands still, loses its job after this time. Milliseconds. */
export const LEASE_MS = 300;
export const over = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2 * ms));

/** Of the pictures of a test. */
export const NAMES = ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg'];

export const allWait = (bench: Bench) => Promise.all(NAMES.map((name) => waiting(bench, name)));

const PATIENCE_MS = 20_000;

/** Until no job is under way and no picture waits for one. */
export async function allRun(bench: Bench): Promise<void> {
  for (const endsAt = Date.now() + PATIENCE_MS; Date.now() < endsAt; await over(5)) {
    const { waiting: left } = await runOf(processOf(bench));
    if (left === 0 && (await jobsIn(bench)).every(({ state }) => state === 'ended')) return;
  }
  throw new Error(`They never end: ${JSON.stringify(await jobsIn(bench))}`);
}
