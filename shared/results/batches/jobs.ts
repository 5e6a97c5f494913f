import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { PipelineError } from '../../base/errors/pipeline-error.ts';
import type { Documents, Patch, Stored, Version, Write } from '../../cloud/firestore/documents.ts';
import { BATCH_STATES, type BatchJob, batchJob } from './job.ts';

/** A job at the moment it was read or written. */
export interface ReadJob {
  id: string;
  job: BatchJob;
  version: Version;
}

const COLLECTION = 'batches';
const pathOf = (id: string): string => `${COLLECTION}/${id}`;

const DAY_MS = 86_400_000;
const KEPT_MS = 30 * DAY_MS;
/** Google runs 100 at once; as many again may be assembled and settled. */
const MAX_ACTIVE = 300;

/** Letters first: Vertex AI turns keys that look like numbers into numbers. */
const newId = (nowMs: number): string =>
  `batch-${new Date(nowMs).toISOString().slice(0, 10).replaceAll('-', '')}-${randomUUID().slice(0, 13)}`;

type NewJob = Pick<BatchJob, 'api' | 'model' | 'profile' | 'profileVersion' | 'group' | 'day' | 'deadline'>;

/** The process, and its owners whose work is under way. */
class Owners {
  readonly #process = randomUUID();
  readonly #atWork = new Set<string>();

  begin(): string {
    const owner = `${this.#process}/${randomUUID()}`;
    this.#atWork.add(owner);
    return owner;
  }

  end(owner: string): void {
    this.#atWork.delete(owner);
  }

  /** Whether it was one of this process. Of another one only the time of its lease tells. */
  hasEnded(owner: string): boolean {
    return owner.startsWith(`${this.#process}/`) && !this.#atWork.has(owner);
  }
}

/** The documents of batch jobs: created once, changed by compare-and-set under a lease. */
export class BatchJobs {
  readonly #documents: Documents;
  readonly #leaseMs: number;
  readonly #owners: Owners;
  readonly #owner: string;

  constructor(
    documents: Documents,
    { leaseMs, owners = new Owners() }: { leaseMs: number; owners?: Owners },
  ) {
    this.#documents = documents;
    this.#leaseMs = leaseMs;
    this.#owners = owners;
    this.#owner = owners.begin();
  }

  /**
   * The same for one run: runs of one process are as strange to each other as those of two. With its end its leases end too,
   * also those that it could not release.
   */
  async inRun<T>(work: (jobs: BatchJobs) => Promise<T>): Promise<T> {
    const jobs = new BatchJobs(this.#documents, { leaseMs: this.#leaseMs, owners: this.#owners });
    try {
      return await work(jobs);
    } finally {
      this.#owners.end(jobs.#owner);
    }
  }

  /** A job that is being assembled, leased to this owner. */
  async begin(fresh: NewJob, nowMs = Date.now()): Promise<ReadJob> {
    const now = new Date(nowMs);
    const id = newId(nowMs);
    const job: BatchJob = batchJob.parse({
      ...fresh,
      state: 'assembling',
      notBefore: now,
      lease: this.#lease(nowMs),
      createdAt: now,
      updatedAt: now,
      expireAt: new Date(nowMs + KEPT_MS),
    });
    const version = await this.#documents.create(pathOf(id), job);
    if (version === 'exists') throw new PipelineError('CLAIM_BUSY', `The batch job ${id} exists already.`);
    return { id, job, version };
  }

  async get(id: string): Promise<ReadJob | undefined> {
    const stored = await this.#documents.get(pathOf(id));
    return stored && readJob(stored);
  }

  /** Those that have not ended. */
  async active(): Promise<ReadJob[]> {
    const value = BATCH_STATES.filter((state) => state !== 'ended');
    const stored = await this.#documents.query(COLLECTION, {
      where: [{ field: 'state', op: 'in', value }],
      limit: MAX_ACTIVE,
    });
    return stored.flatMap((one) => readJob(one) ?? []);
  }

  /** The newest first. */
  async newest(limit: number): Promise<ReadJob[]> {
    const stored = await this.#documents.query(COLLECTION, {
      orderBy: [{ field: 'createdAt', direction: 'desc' }],
      limit,
    });
    return stored.flatMap((one) => readJob(one) ?? []);
  }

  /** The right to work on it; undefined while another owner has it. */
  async take(read: ReadJob, nowMs = Date.now()): Promise<ReadJob | undefined> {
    const { lease } = read.job;
    if (lease && !this.#isFree(lease, nowMs)) return undefined;
    return this.#write(read, { lease: this.#lease(nowMs) });
  }

  /** Throws SUPERSEDED when another owner has the job by now. */
  update(read: ReadJob, patch: Partial<BatchJob>): Promise<ReadJob> {
    return this.#change(read, { ...patch, lease: this.#lease(Date.now()) });
  }

  /**
   * The same in one commit with `others`; `stale` when one of the documents that these change is at another version.
   * The patch must differ from what the job says: by that a repeated commit knows an earlier try that went through unheard.
   */
  async updateWith(
    read: ReadJob,
    patch: Partial<BatchJob>,
    others: readonly Write[],
  ): Promise<ReadJob | 'stale'> {
    let current: ReadJob | undefined = read;
    while (current?.job.lease?.owner === this.#owner) {
      const change = { ...patch, lease: this.#lease(Date.now()) };
      const written = await this.#write(current, change, others);
      if (written) return written;
      const latest = await this.get(read.id);
      if (latest && holds(latest.job, patch)) return latest;
      if (latest?.version.isEqual(current.version)) return 'stale';
      current = latest;
    }
    throw superseded(read);
  }

  /** A sign of life while a step takes long; what goes wrong with it is seen by the next change. */
  keep(read: ReadJob): void {
    void this.#change(read, { lease: this.#lease(Date.now()) }).catch(() => undefined);
  }

  /** Forgets a job that nothing came of. */
  async remove({ id }: ReadJob): Promise<void> {
    await this.#documents.delete(pathOf(id));
  }

  /** Lets others have it, from that moment on. */
  async release(read: ReadJob, notBefore: Date): Promise<void> {
    await this.#change(read, { notBefore, lease: undefined });
  }

  async #change(read: ReadJob, patch: Partial<BatchJob>): Promise<ReadJob> {
    let current: ReadJob | undefined = read;
    while (current?.job.lease?.owner === this.#owner) {
      const written = await this.#write(current, patch);
      if (written) return written;
      // A person may have asked for its end meanwhile.
      current = await this.get(read.id);
    }
    throw superseded(read);
  }

  /** A person wants it given up; false when it has ended. */
  async requestCancel(id: string, nowMs = Date.now()): Promise<'requested' | 'ended' | 'absent'> {
    for (;;) {
      const read = await this.get(id);
      if (!read) return 'absent';
      if (read.job.state === 'ended') return 'ended';
      const now = new Date(nowMs);
      if (await this.#write(read, { cancelRequestedAt: now, notBefore: now })) return 'requested';
    }
  }

  #isFree({ owner, until }: NonNullable<BatchJob['lease']>, nowMs: number): boolean {
    return owner === this.#owner || until.getTime() <= nowMs || this.#owners.hasEnded(owner);
  }

  #lease(nowMs: number): NonNullable<BatchJob['lease']> {
    return { owner: this.#owner, until: new Date(nowMs + this.#leaseMs) };
  }

  async #write(
    { id, job, version }: ReadJob,
    patch: Partial<BatchJob>,
    others: readonly Write[] = [],
  ): Promise<ReadJob | undefined> {
    const change = { ...patch, updatedAt: new Date(Date.now()) };
    const own: Write = { kind: 'change', path: pathOf(id), patch: change as Patch, version };
    const written = await this.#documents.commit([own, ...others]);
    return written === 'stale' ? undefined : { id, job: { ...job, ...change }, version: written };
  }
}

const superseded = ({ id }: ReadJob): PipelineError =>
  new PipelineError('SUPERSEDED', `Another run works on the batch job ${id}.`);

const holds = (job: BatchJob, patch: Partial<BatchJob>): boolean =>
  Object.entries(patch).every(([name, value]) => isDeepStrictEqual(job[name as keyof BatchJob], value));

function readJob({ id, data, version }: Stored): ReadJob | undefined {
  const parsed = batchJob.safeParse(data);
  return parsed.success ? { id, job: parsed.data, version } : undefined;
}
