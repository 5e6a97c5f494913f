import { randomUUID } from 'node:crypto';
import { isFailure, PipelineError } from '../base/errors/pipeline-error.ts';
import type { Documents, Patch, Version } from '../cloud/firestore/documents.ts';
import { REPEATS } from './batches/same-bytes.ts';
import {
  type Claim,
  type ClaimDecision,
  type ClaimOutcome,
  type Completion,
  claimPatch,
  decideOnPrepared,
  decideOnUnreadable,
  decideOnUpload,
  freshDocument,
  type ImageCost,
  isRunaway,
  type Stopgap,
  taken,
  type Upload,
} from './claim.ts';
import {
  type Attempt,
  type Prepared,
  type ResultDocument,
  resultDocument,
  type Source,
  type Stage,
  type Timings,
} from './document.ts';
import { headOf } from './head.ts';
import { documentPath } from './id.ts';
import * as patches from './outcomes.ts';
import { writeUnderClaim } from './outcomes.ts';

interface ResultsOptions {
  /** Executions of one generation, both stages together, before it is ended as RUNAWAY. */
  maxExecutions: number;
  /** How long an image may stand still before the sweep takes it up, in milliseconds; a quarter of an hour by default. */
  staleMs?: number;
  /** Documents are kept this many days; 0 keeps them for ever. */
  retentionDays: number;
  /** Called after an image with a webhook has ended; what it misses is delivered a little later. Must not throw. */
  ended?: (id: string) => Promise<void>;
}

/** Milliseconds, of every image or by its document. */
type Lease = number | ((document: ResultDocument) => number);

/** What is written with the claim when the image is not worked on now: it is set aside at once. */
type SetAside = (document: ResultDocument) => Promise<Patch | undefined> | undefined;

const DEFAULT_STALE_MS = 900_000;

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
    const fresh = freshDocument(upload, owner, started, { ...this.#options, leaseMs });
    const created = await this.#documents.create(documentPath(upload.id), fresh as unknown as Patch);
    if (created !== 'exists') return claimed(upload.id, owner, fresh, created, started);

    return this.#takeExisting(
      upload.id,
      upload.source.generation,
      owner,
      'resize',
      leaseMs,
      started,
      (existing) => decideOnUpload(existing, upload.source.generation, Date.now()),
      { fresh },
    );
  }

  /**
   * Claims a prepared generation of an upload for analysis; `pictureGeneration` is that of the picture's object. An image
   * for which `instead` has something to write is set aside in the same write.
   */
  claimPrepared(
    id: string,
    generation: string,
    pictureGeneration: string,
    leaseMs: Lease,
    instead?: SetAside,
  ): Promise<ClaimOutcome> {
    const decide = (existing: ResultDocument) =>
      decideOnPrepared(existing, generation, pictureGeneration, Date.now());
    const now = Date.now();
    return this.#takeExisting(id, generation, randomUUID(), 'analyze', leaseMs, now, decide, { instead });
  }

  /** Records the picture before it is written, so that anyone who sees the picture finds its record. */
  recordPrepared(
    claim: Claim,
    prepared: Prepared,
    looked: Pick<Source, 'format' | 'width' | 'height'>,
    timings: Timings,
  ): Promise<void> {
    return this.#write(claim, patches.recording(claim, prepared, looked, timings, this.#options.staleMs));
  }

  /** Stores the answer and ends the image. */
  complete(claim: Claim, completion: Completion): Promise<void> {
    return this.#finish(claim, patches.completing(claim, completion), completion.money);
  }

  /**
   * Ends the image without an answer; people read the failure's sentence and hint. What Firestore refuses of the facts
   * is left out, so that it cannot keep the image from ending; the money is kept to the last.
   */
  async end(claim: Claim, failure: PipelineError, facts: patches.EndFacts = {}): Promise<void> {
    for (const kept of patches.lessAndLess(facts)) {
      try {
        return await this.#finish(claim, patches.failing(claim, failure, kept), kept.money);
      } catch (error) {
        if (!isFailure(error, 'STORE_REFUSED')) throw error;
      }
    }
    await this.#finish(claim, patches.failing(claim, failure, {}));
  }

  /** Sets the image aside until the named time. */
  park(
    claim: Claim,
    failure: PipelineError,
    until: Date,
    attempts: readonly Attempt[],
    money?: ImageCost,
  ): Promise<void> {
    return this.#write(claim, { ...patches.parking(failure, until), attempts }, money);
  }

  /** Sets the image aside with an answer that no model gave; people read it until a model's replaces it. */
  parkDegraded(
    claim: Claim,
    failure: PipelineError,
    stopgap: Stopgap,
    attempts: readonly Attempt[],
    money?: ImageCost,
  ): Promise<void> {
    return this.#write(claim, patches.parkingDegraded(failure, stopgap, attempts), money);
  }

  /**
   * Gives the claim back so that the next delivery need not wait for the lease to end. `failure`: why this execution
   * failed; a service that did not answer is not held against the image.
   */
  release(
    claim: Claim,
    attempts: readonly Attempt[] = claim.document.attempts,
    failure?: PipelineError,
    money?: ImageCost,
  ): Promise<void> {
    return this.#write(claim, patches.releasing(claim, attempts, failure, this.#options.staleMs), money);
  }

  /** Writes what sets the image aside, with what it has cost so far. */
  setAside(claim: Claim, aside: Patch, attempts: readonly Attempt[], money?: ImageCost): Promise<void> {
    return this.#write(claim, { ...aside, attempts, 'claim.expiresAt': new Date(Date.now()) }, money);
  }

  /** Sets a picture that waits for a batch apart: it waits for the answer of another one of the same bytes. */
  waitForRepeat(claim: Claim): Promise<void> {
    return this.#write(claim, { 'batch.group': REPEATS });
  }

  /** Undefined also for a document of a shape that this version does not know. */
  async get(id: string): Promise<ResultDocument | undefined> {
    const stored = await this.#documents.get(documentPath(id));
    return stored && resultDocument.safeParse(stored.data).data;
  }

  /** The last write of an execution. Whom the webhook has to tell is written with it, so that no crash can lose it. */
  async #finish(claim: Claim, patch: Patch, money?: ImageCost): Promise<void> {
    const { webhook } = claim.document;
    await this.#write(claim, { ...patch, ...(webhook ? patches.owedTo(webhook) : {}) }, money);
    if (webhook) await this.#options.ended?.(claim.id);
  }

  /** Reads, decides, compares and sets; starts over when somebody else was faster. */
  async #takeExisting(
    id: string,
    generation: string,
    owner: string,
    stage: Stage,
    leaseMs: Lease,
    started: number,
    decide: (existing: ResultDocument) => ClaimDecision,
    { fresh, instead }: { fresh?: ResultDocument; instead?: SetAside | undefined },
  ): Promise<ClaimOutcome> {
    for (;;) {
      const stored = await this.#documents.get(documentPath(id));
      if (!stored) {
        if (!fresh) return { kind: 'absent' };
        // The version before this one was deleted between our create and our look: this one has the place to itself.
        const created = await this.#documents.create(documentPath(id), fresh as unknown as Patch);
        if (created === 'exists') continue;
        return claimed(id, owner, fresh, created, started);
      }
      const existing = resultDocument.safeParse(stored.data).data;
      if (!existing) {
        const decision = decideOnUnreadable(headOf(stored.data), generation, fresh !== undefined);
        if (decision.kind !== 'restart') return decision;
        await this.#documents.deleteAt(documentPath(id), stored.version);
        continue;
      }
      // An earlier try of this very call went through although its answer was lost.
      if (existing.claim.owner === owner) return this.#granted(id, owner, existing, stored.version, started);

      const decision = decide(existing);
      if (decision.kind !== 'take' && decision.kind !== 'restart') return decision;
      const aside = decision.kind === 'take' ? await instead?.(existing) : undefined;
      const next =
        decision.kind === 'restart' && fresh
          ? fresh
          : taken(
              existing,
              owner,
              stage,
              decision.kind === 'take' ? decision.count : 1,
              aside ? 0 : typeof leaseMs === 'number' ? leaseMs : leaseMs(existing),
              this.#options.staleMs,
            );
      const version = await this.#documents.compareAndSet(
        documentPath(id),
        { ...claimPatch(next, decision.kind === 'restart'), ...aside },
        stored.version,
      );
      if (version === 'stale') continue;
      const granted = this.#granted(id, owner, next, version, started);
      return aside && granted.kind === 'claimed' ? { ...granted, kind: 'waiting' } : granted;
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
    const { count } = document.claim;
    return isRunaway(document.claim, this.#options.maxExecutions)
      ? {
          ...granted,
          kind: 'runaway',
          failure: new PipelineError(
            'RUNAWAY',
            `This image was executed ${count} times without coming to an end.`,
          ),
        }
      : granted;
  }

  #write(claim: Claim, patch: Patch, money?: ImageCost): Promise<void> {
    return writeUnderClaim(this.#documents, claim, patch, money);
  }
}

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
