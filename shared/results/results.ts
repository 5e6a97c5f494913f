import { randomUUID } from 'node:crypto';
import { PipelineError } from '../errors/pipeline-error.ts';
import type { Documents, Patch, Version, Write } from '../firestore/documents.ts';
import { type Decision, decideOnPrepared, decideOnUpload, excuses, isRunaway } from './claim.ts';
import {
  type Attempt,
  type Cost,
  type ModelUse,
  type Prepared,
  type ResultDocument,
  resultDocument,
  type Source,
  type Stage,
  type Timings,
  type Webhook,
} from './document.ts';

/** The right to work on one generation of one image until the lease ends. */
export interface Claim {
  readonly id: string;
  readonly owner: string;
  readonly document: ResultDocument;
  /** Epoch milliseconds of the claim: the start of this execution. */
  readonly startedAt: number;
  version: Version;
  /** Milliseconds spent on Firestore by this execution so far. */
  storeMs: number;
}

export type ClaimOutcome =
  | { kind: 'claimed'; claim: Claim }
  /** Executed more often than allowed: the claim is taken so that the image can be ended. */
  | { kind: 'runaway'; claim: Claim; count: number }
  | { kind: 'busy'; until: Date }
  | { kind: 'done' | 'superseded' | 'absent' };

export interface Upload {
  id: string;
  source: Source;
  profile: string;
  profileVersion: number;
  /** https address that is told when the image has ended. */
  webhook?: string;
}

export interface Completion {
  answer: Record<string, unknown>;
  partial: boolean;
  model: ModelUse;
  attempts: readonly Attempt[];
  timings: Timings;
  money?: Money;
}

/** What an image shows while it waits for a model. */
export interface Stopgap {
  /** When a model is asked again. */
  until: Date;
  /** What a fallback found; absent when the document has it already. */
  found?: { answer: Record<string, unknown>; model: ModelUse; attempt: Attempt };
}

/** What an execution cost, and the write that books it: both are stored in one commit or not at all. */
export interface Money {
  cost: Cost;
  booking: Write | undefined;
}

export interface ResultsOptions {
  /** Executions of one generation, both stages together, before it is ended as RUNAWAY. */
  maxExecutions: number;
  /** How long an image may stand still before the sweep takes it up, in milliseconds; a quarter of an hour by default. */
  staleMs?: number;
  /** Documents are kept this many days; 0 keeps them for ever. */
  retentionDays: number;
  /** Called after an image with a webhook has ended; what it misses is delivered a little later. Must not throw. */
  ended?: (id: string) => Promise<void>;
}

/** So long the doorbell of a webhook has before the schedule looks for itself, in milliseconds. */
const DOORBELL_MS = 60_000;

const DAY_MS = 86_400_000;
const DEFAULT_STALE_MS = 900_000;
const COLLECTION = 'results';

/** Fields that belong to one generation and go when a newer one arrives. */
const OF_ONE_GENERATION = [
  'prepared',
  'answer',
  'partial',
  'degraded',
  'model',
  'cost',
  'failure',
  'parked',
  'lastFailure',
  'webhook',
] as const;

/** The result documents. Every change of an image's state goes through here, by create-if-absent or compare-and-set. */
export class Results {
  readonly #documents: Documents;
  readonly #options: ResultsOptions & { staleMs: number };

  constructor(documents: Documents, options: ResultsOptions) {
    this.#documents = documents;
    this.#options = { staleMs: DEFAULT_STALE_MS, ...options };
  }

  /** Claims an uploaded generation for resizing; creates or restarts its document. */
  async claimUpload(upload: Upload, leaseMs: number): Promise<ClaimOutcome> {
    const started = Date.now();
    const owner = randomUUID();
    const fresh = this.#freshDocument(upload, owner, started, leaseMs);
    const created = await this.#documents.create(pathOf(upload.id), fresh as unknown as Patch);
    if (created !== 'exists') return claimed(upload.id, owner, fresh, created, started);

    return this.#takeExisting(
      upload.id,
      owner,
      'resize',
      leaseMs,
      started,
      (existing) => decideOnUpload(existing, upload.source.generation, Date.now()),
      fresh,
    );
  }

  /** Claims a prepared generation for analysis. */
  claimPrepared(id: string, generation: string, leaseMs: number): Promise<ClaimOutcome> {
    return this.#takeExisting(id, randomUUID(), 'analyze', leaseMs, Date.now(), (existing) =>
      decideOnPrepared(existing, generation, Date.now()),
    );
  }

  /** Records the picture before it is written, so that whoever sees the picture finds its record. */
  recordPrepared(
    claim: Claim,
    prepared: Prepared,
    looked: Pick<Source, 'format' | 'width' | 'height'>,
    timings: Timings,
  ): Promise<void> {
    return this.#write(claim, {
      status: 'prepared',
      dueAt: new Date(Date.now() + this.#options.staleMs),
      prepared,
      'source.format': looked.format,
      'source.width': looked.width,
      'source.height': looked.height,
      timings: { ...timings, storeMs: claim.storeMs },
    });
  }

  /** Stores the answer and ends the image. */
  complete(claim: Claim, { answer, partial, model, attempts, timings, money }: Completion): Promise<void> {
    return this.#finish(
      claim,
      {
        status: 'completed',
        answer,
        partial: partial ? true : undefined,
        degraded: undefined,
        model,
        attempts,
        timings: this.#finalTimings(claim, timings),
        failure: undefined,
        parked: undefined,
        dueAt: undefined,
        'claim.expiresAt': new Date(Date.now()),
      },
      money,
    );
  }

  /** Ends the image without an answer; people read the failure's sentence and hint. */
  end(
    claim: Claim,
    failure: PipelineError,
    facts: { attempts?: readonly Attempt[]; timings?: Timings; money?: Money } = {},
  ): Promise<void> {
    return this.#finish(
      claim,
      {
        status: failure.disposition.status,
        failure: failure.toPublic(),
        ...(facts.attempts ? { attempts: facts.attempts } : {}),
        timings: this.#finalTimings(claim, facts.timings ?? {}),
        dueAt: undefined,
        'claim.expiresAt': new Date(Date.now()),
      },
      facts.money,
    );
  }

  /** Sets the image aside until the named time. */
  park(
    claim: Claim,
    failure: PipelineError,
    until: Date,
    attempts: readonly Attempt[],
    money?: Money,
  ): Promise<void> {
    return this.#write(claim, { ...parking(failure, until), attempts }, money);
  }

  /** Sets the image aside with an answer that no model gave; people read it until a model's replaces it. */
  parkDegraded(
    claim: Claim,
    failure: PipelineError,
    { until, found }: Stopgap,
    attempts: readonly Attempt[],
    money?: Money,
  ): Promise<void> {
    return this.#write(
      claim,
      {
        ...parking(failure, until),
        ...(found ? { answer: found.answer, partial: undefined, model: found.model, degraded: true } : {}),
        attempts: found ? [...attempts, found.attempt] : attempts,
      },
      money,
    );
  }

  /**
   * Gives the claim back so that the next delivery need not wait for the lease to end. `failure`: why this execution
   * came to nothing; a service that did not answer is not held against the image.
   */
  release(
    claim: Claim,
    attempts: readonly Attempt[] = claim.document.attempts,
    failure?: PipelineError,
    money?: Money,
  ): Promise<void> {
    const { excused = 0 } = claim.document.claim;
    const now = Date.now();
    return this.#write(
      claim,
      {
        attempts,
        'claim.expiresAt': new Date(now),
        ...(failure && excuses(failure.code) ? { 'claim.excused': excused + 1 } : {}),
        ...(failure
          ? { lastFailure: { code: failure.code, message: failure.message, at: new Date(now) } }
          : {}),
        dueAt: new Date(now + this.#options.staleMs),
      },
      money,
    );
  }

  async get(id: string): Promise<ResultDocument | undefined> {
    const stored = await this.#documents.get(pathOf(id));
    return stored && resultDocument.parse(stored.data);
  }

  /** The last write of an execution. Whom the webhook has to tell is written with it, so that no crash can lose it. */
  async #finish(claim: Claim, patch: Patch, money?: Money): Promise<void> {
    const { webhook } = claim.document;
    await this.#write(claim, { ...patch, ...(webhook ? owedTo(webhook) : {}) }, money);
    if (webhook) await this.#options.ended?.(claim.id);
  }

  #freshDocument(
    { source, profile, profileVersion, webhook }: Upload,
    owner: string,
    nowMs: number,
    leaseMs: number,
  ): ResultDocument {
    const { retentionDays, staleMs } = this.#options;
    const now = new Date(nowMs);
    return {
      status: 'preparing',
      profile,
      profileVersion,
      source,
      attempts: [],
      timings: {},
      claim: { owner, stage: 'resize', expiresAt: new Date(nowMs + leaseMs), count: 1 },
      dueAt: new Date(nowMs + leaseMs + staleMs),
      createdAt: now,
      updatedAt: now,
      ...(webhook === undefined ? {} : { webhook: { url: webhook } }),
      ...(retentionDays > 0 ? { expireAt: new Date(nowMs + retentionDays * DAY_MS) } : {}),
    };
  }

  /** Reads, decides, compares and sets; starts over when somebody else was faster. */
  async #takeExisting(
    id: string,
    owner: string,
    stage: Stage,
    leaseMs: number,
    started: number,
    decide: (existing: ResultDocument) => Decision,
    fresh?: ResultDocument,
  ): Promise<ClaimOutcome> {
    for (;;) {
      const stored = await this.#documents.get(pathOf(id));
      if (!stored) return { kind: 'absent' };
      const existing = resultDocument.parse(stored.data);
      // An earlier try of this very call went through although its answer was lost.
      if (existing.claim.owner === owner) return this.#granted(id, owner, existing, stored.version, started);

      const decision = decide(existing);
      if (decision.kind !== 'take' && decision.kind !== 'restart') return decision;
      const next =
        decision.kind === 'restart' && fresh
          ? fresh
          : taken(
              existing,
              owner,
              stage,
              decision.kind === 'take' ? decision.count : 1,
              leaseMs,
              this.#options.staleMs,
            );
      const version = await this.#documents.compareAndSet(
        pathOf(id),
        claimPatch(next, decision.kind === 'restart'),
        stored.version,
      );
      if (version !== 'stale') return this.#granted(id, owner, next, version, started);
    }
  }

  #granted(
    id: string,
    owner: string,
    document: ResultDocument,
    version: Version,
    started: number,
  ): ClaimOutcome {
    const granted = claimed(id, owner, document, version, started);
    return isRunaway(document.claim, this.#options.maxExecutions)
      ? { ...granted, kind: 'runaway', count: document.claim.count }
      : granted;
  }

  #finalTimings(claim: Claim, timings: Timings): Timings {
    const before = claim.document.timings;
    const uploadedAt = claim.document.source.uploadedAt?.getTime();
    return {
      ...before,
      ...timings,
      storeMs: (before.storeMs ?? 0) + claim.storeMs,
      ...(uploadedAt === undefined ? {} : { totalMs: Math.max(0, Date.now() - uploadedAt) }),
    };
  }

  /**
   * Changes the document if the claim still holds; throws SUPERSEDED if another owner or generation has it.
   * Others may touch the document meanwhile (feedback, a label): then it is written on top of theirs.
   */
  async #write(claim: Claim, patch: Patch, money?: Money): Promise<void> {
    const started = Date.now();
    const booking = money?.booking;
    const change = {
      ...patch,
      ...(money ? { cost: money.cost } : {}),
      // Money is booked once per execution: this tells a repetition that an earlier try went through unheard.
      ...(booking ? { 'claim.booked': claim.owner } : {}),
      updatedAt: new Date(started),
    };
    let version = await this.#commit(claim, change, claim.version, booking);
    while (version === 'stale') {
      const stored = await this.#documents.get(pathOf(claim.id));
      const current = stored && resultDocument.parse(stored.data);
      if (!stored || current?.claim.owner !== claim.owner) {
        throw new PipelineError(
          'SUPERSEDED',
          'Another instance or a newer upload has taken this image over.',
        );
      }
      const due = isBooked(stored.data, claim) ? undefined : booking;
      version = await this.#commit(claim, change, stored.version, due);
    }
    claim.version = version;
    claim.storeMs += Date.now() - started;
  }

  #commit(
    claim: Claim,
    patch: Patch,
    version: Version,
    booking: Write | undefined,
  ): Promise<Version | 'stale'> {
    const path = pathOf(claim.id);
    return booking
      ? this.#documents.commit([{ kind: 'change', path, patch, version }, booking])
      : this.#documents.compareAndSet(path, patch, version);
  }
}

const owedTo = ({ url }: Webhook): Patch => ({
  webhook: { url, event: randomUUID(), dueAt: new Date(Date.now() + DOORBELL_MS), attempts: 0 },
});

const parking = (failure: PipelineError, until: Date): Patch => ({
  status: 'parked',
  parked: { until, reason: failure.message },
  dueAt: until,
  failure: failure.toPublic(),
  'claim.expiresAt': new Date(Date.now()),
});

const isBooked = (data: Record<string, unknown>, { owner }: Claim): boolean =>
  (data['claim'] as { booked?: unknown } | undefined)?.booked === owner;

const pathOf = (id: string): string => `${COLLECTION}/${id}`;

const claimed = (
  id: string,
  owner: string,
  document: ResultDocument,
  version: Version,
  startedAt: number,
): { kind: 'claimed'; claim: Claim } => ({
  kind: 'claimed',
  claim: { id, owner, document, version, startedAt, storeMs: Date.now() - startedAt },
});

/** `updatedAt` stays that of the last stage: its waits are measured from there. */
const taken = (
  existing: ResultDocument,
  owner: string,
  stage: Stage,
  count: number,
  leaseMs: number,
  staleMs: number,
): ResultDocument => ({
  ...existing,
  status: stage === 'resize' ? 'preparing' : 'analyzing',
  claim: { ...existing.claim, owner, stage, count, expiresAt: new Date(Date.now() + leaseMs) },
  dueAt: new Date(Date.now() + leaseMs + staleMs),
});

/** Only what a claim changes, or the whole document with the old generation's fields removed. */
const claimPatch = (next: ResultDocument, startsOver: boolean): Patch =>
  startsOver
    ? { ...Object.fromEntries(OF_ONE_GENERATION.map((field) => [field, undefined])), ...next }
    : { status: next.status, claim: next.claim, dueAt: next.dueAt, updatedAt: new Date(Date.now()) };
