import { isFailure, PipelineError } from '../base/errors/pipeline-error.ts';
import type { Log } from '../base/log.ts';
import type { Documents, Write } from '../cloud/firestore/documents.ts';
import type { Claim } from '../results/claim.ts';
import type { Attempt } from '../results/document.ts';
import type { Results } from '../results/results.ts';

/** A document keeps this many of its model calls, the newest. */
export const MAX_ATTEMPTS_KEPT = 40;

/**
 * Whether an execution's cost was booked by a commit that was not heard of again. The row of a call is stored in the
 * same commit as its booking and stays in the document, whichever instance has it next; and a commit names a version of the
 * document from the time of its own claim, so none can go through once another owner has claimed it.
 */
export const recordStateOf =
  (results: Pick<Results, 'get'>, { id, owner, document }: Claim, row: Attempt) =>
  async (): Promise<RecordState> => {
    const found = await results.get(id);
    if (found?.source.generation !== document.source.generation) return 'unknowable';
    if (found.attempts.some((attempt) => isSame(attempt, row))) return 'booked';
    if (found.claim.owner === owner) return 'open';
    const [oldest] = found.attempts;
    const mayBeCut = found.attempts.length >= MAX_ATTEMPTS_KEPT && oldest !== undefined && oldest.at > row.at;
    return mayBeCut ? 'unknowable' : 'not-booked';
  };

const isSame = (one: Attempt, other: Attempt): boolean =>
  one.at.getTime() === other.at.getTime() && one.model === other.model && one.latencyMs === other.latencyMs;

/** What is known of a commit that was to book something and whose answer never came. */
type RecordState =
  /** It went through. */
  | 'booked'
  /** It did not and never will. */
  | 'not-booked'
  /** It still may; to be asked again. */
  | 'open'
  /** Nobody can tell any more. Counted too little is better than counted twice. */
  | 'unknowable';

interface LateBooking {
  /** Names this booking and no other, so that it is never made twice. */
  id: string;
  write: Write;
  standing: () => Promise<RecordState>;
  since: number;
}

/** Instances have far fewer images under way; more than this would be a flaw of ours. */
const MAX_KEPT = 1_000;
const KEPT_MS = 86_400_000;
/** The next round begins this long after the last one, because each asks about every booking. Milliseconds. */
const BETWEEN_ROUNDS_MS = 30_000;
/** No write is repeated after this time; it is then deleted by the rule for `spend`. */
const MARK_KEPT_MS = 10 * 86_400_000;

/**
 * Bookings of one instance that are not made together with an image: what could not be booked with one while Firestore
 * was away, and what belongs to none. Each is an addition, which a repeated commit would make twice; so with each goes
 * a mark, `spend/late_{id}`, that can be created only once. Memory only: an instance that ends in an outage takes what
 * it keeps with it.
 */
export class LateRecords {
  readonly #documents: Pick<Documents, 'commit'>;
  readonly #log: Log;
  readonly #kept = new Map<string, LateBooking>();
  #nextRoundAt = 0;
  #round: Promise<void> | undefined;

  constructor(documents: Pick<Documents, 'commit'>, log: Log) {
    this.#documents = documents;
    this.#log = log;
  }

  /** Books what was certainly not booked, now or as soon as Firestore answers again. Never throws. */
  async record(id: string, write: Write): Promise<void> {
    this.keep(id, write, async () => 'not-booked');
    await this.settle();
  }

  /** Keeps what may have been booked until `standing` says whether it was. */
  keep(id: string, write: Write, standing: () => Promise<RecordState>): void {
    this.#kept.set(id, { id, write, standing, since: Date.now() });
    this.#nextRoundAt = 0;
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#giveUp(oldest);
  }

  /** Books what can be booked by now. Costs nothing while there is nothing. Never throws. */
  async settle(): Promise<void> {
    if (this.#kept.size === 0 || Date.now() < this.#nextRoundAt) return;
    this.#round ??= this.#settleAll().finally(() => {
      this.#round = undefined;
    });
    await this.#round;
  }

  /** At the end of an instance, when there is no next round. Never throws. */
  async flush(): Promise<void> {
    this.#nextRoundAt = 0;
    await this.settle();
  }

  async #settleAll(): Promise<void> {
    this.#nextRoundAt = Date.now() + BETWEEN_ROUNDS_MS;
    // What is kept meanwhile has its turn too.
    for (const late of this.#kept.values()) {
      try {
        await this.#settleOne(late);
      } catch (error) {
        if (isFailure(error, 'STORE_UNAVAILABLE')) return;
        this.#giveUp(late.id, error);
      }
    }
  }

  async #settleOne({ id, write, standing, since }: LateBooking): Promise<void> {
    switch (await standing()) {
      case 'booked':
        this.#kept.delete(id);
        return;
      case 'not-booked':
        await this.#commit(id, write);
        this.#kept.delete(id);
        return;
      case 'open':
        if (Date.now() - since > KEPT_MS) this.#giveUp(id);
        return;
      case 'unknowable':
        this.#giveUp(id);
    }
  }

  /** `stale` says that the mark is there: an earlier try went through although its answer was lost. */
  async #commit(id: string, write: Write): Promise<void> {
    const expireAt = new Date(Date.now() + MARK_KEPT_MS);
    await this.#documents.commit([{ kind: 'create', path: `spend/late_${id}`, data: { expireAt } }, write]);
  }

  #giveUp(id: string, cause?: unknown): void {
    this.#kept.delete(id);
    const reason = 'What a call cost may be missing in the spend log: nobody can tell whether it was booked.';
    this.#log.error('booking.given-up', new PipelineError('STORE_UNAVAILABLE', reason, { cause }), { id });
  }
}
