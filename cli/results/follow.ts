import { compareGenerations } from '../../shared/cloud/storage/object.ts';
import type { ResultDocument } from '../../shared/results/document.ts';
import type { ResultReader, StoredResult } from '../../shared/results/reading.ts';
import { isTerminal } from '../../shared/results/statuses.ts';

/** One version of one picture whose result is awaited. */
interface Awaited {
  id: string;
  generation: string;
}

/** The listener sees this many of the last changes at once. */
const WINDOW = 100;

/** What the listener missed while many results changed together is asked for, some at a time. Milliseconds. */
const ASK_EVERY_MS = 3_000;
const ASK_AT_ONCE = 20;

interface FollowEvents {
  onEnd(result: StoredResult): void;
  /** An attempt failed, and the picture is still being worked on. */
  onSetback(result: StoredResult): void;
}

const waits = ({ status }: ResultDocument): boolean => !isTerminal(status) && status !== 'parked';

/** Follows uploads until each has its answer, has failed or is parked. */
export class ResultFollower {
  readonly #results: ResultReader;
  readonly #events: FollowEvents;
  /** The moment of the last setback that was told, by id. */
  readonly #toldAt = new Map<string, number>();
  readonly #pending = new Map<string, string>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #stopListening: () => void;
  readonly #timer: NodeJS.Timeout;
  #noMore = false;

  constructor(results: ResultReader, events: FollowEvents) {
    this.#results = results;
    this.#events = events;
    this.#ended.promise.catch(() => {});
    this.#stopListening = results.watchLastChanged(
      WINDOW,
      (changes) => {
        for (const { kind, result } of changes) if (kind !== 'removed') this.#look(result);
      },
      (error) => this.#fail(error),
    );
    this.#timer = setInterval(() => void this.#askForSome(), ASK_EVERY_MS);
  }

  async add({ id, generation }: Awaited): Promise<void> {
    this.#pending.set(id, generation);
    // It may have ended before anybody was interested.
    await this.#ask(id);
  }

  /** Resolves when all that were added have ended; rejects when the signal is aborted. */
  async allEnded(signal: AbortSignal): Promise<void> {
    this.#noMore = true;
    const onAbort = () => this.#fail(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    if (this.#pending.size === 0) this.#ended.resolve();
    try {
      await this.#ended.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#stopListening();
  }

  #look(result: StoredResult): void {
    const generation = this.#pending.get(result.id);
    if (generation === undefined) return;
    if (compareGenerations(result.document.source.generation, generation) < 0) return;
    if (waits(result.document)) {
      this.#tellSetback(result);
      return;
    }
    this.#pending.delete(result.id);
    this.#events.onEnd(result);
    if (this.#noMore && this.#pending.size === 0) this.#ended.resolve();
  }

  #tellSetback(result: StoredResult): void {
    const at = result.document.lastFailure?.at.getTime();
    if (at === undefined || this.#toldAt.get(result.id) === at) return;
    this.#toldAt.set(result.id, at);
    this.#events.onSetback(result);
  }

  async #askForSome(): Promise<void> {
    const some = [...this.#pending].slice(0, ASK_AT_ONCE);
    // Asked ones go to the end, so that in time each is asked for.
    for (const [id, generation] of some) {
      this.#pending.delete(id);
      this.#pending.set(id, generation);
    }
    await Promise.all(some.map(([id]) => this.#ask(id)));
  }

  async #ask(id: string): Promise<void> {
    try {
      const result = await this.#results.get(id);
      if (result) this.#look(result);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#ended.reject(error);
  }
}
