import type { Log } from '../../../shared/base/log.ts';
import { delay } from '../../../shared/base/resilience/delay.ts';
import type { ResultChange, ResultReader, StoredResult } from '../../../shared/results/reading.ts';

/** A deletion brings the result as it was. */
export interface ChangeEvent {
  kind: 'changed' | 'deleted';
  result: StoredResult;
}

type Listener = (event: ChangeEvent) => void;

interface ChangesOptions {
  reader: Pick<ResultReader, 'watchLastChanged'>;
  log: Log;
  /** How long the query is kept open after the last listener left, in milliseconds: pages reload. */
  lingerMs?: number;
}

/** Changes that come faster than Firestore reports them are seen if there are at most this many at once. */
const WINDOW = 200;
const RESTART_MS = 2_000;

/** Clocks of two instances differ: this much of what a returning listener may have seen is sent again. */
const CLOCK_SKEW_MS = 5_000;

/** The changes of results, from one Firestore listener per instance however many pages are open. */
export class Changes {
  readonly #options: ChangesOptions;
  readonly #listeners = new Set<Listener>();
  readonly #window = new Map<string, StoredResult>();
  #end: (() => void) | undefined;
  #ready = Promise.withResolvers<void>();
  #lingering: NodeJS.Timeout | undefined;
  /** Whether the query that is open has brought its window. */
  #hasBegun = false;
  /** Epoch milliseconds of the newest change seen; undefined before the first. */
  #newest: number | undefined;

  constructor(options: ChangesOptions) {
    this.#options = options;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Tells `listener` every change from `ready` on. Returns the function that ends it. */
  listen(listener: Listener): { ready: Promise<void>; end: () => void } {
    this.#listeners.add(listener);
    clearTimeout(this.#lingering);
    this.#open();
    const end = () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#linger();
    };
    return { ready: this.#ready.promise, end };
  }

  /** What changed since that moment (epoch milliseconds), oldest first, as far back as the window reaches. */
  since(milliseconds: number): StoredResult[] {
    return [...this.#window.values()]
      .filter(({ document }) => document.updatedAt.getTime() >= milliseconds - CLOCK_SKEW_MS)
      .sort((a, b) => changedAt(a) - changedAt(b));
  }

  #open(): void {
    if (this.#end) return;
    const { reader, log } = this.#options;
    this.#end = reader.watchLastChanged(
      WINDOW,
      (changes) => this.#take(changes),
      (error) => {
        log.warn('api.watch-ended', { error: String(error) });
        this.#close();
        void delay(RESTART_MS).then(() => {
          if (this.#listeners.size > 0) this.#open();
        });
      },
    );
  }

  #linger(): void {
    this.#lingering = setTimeout(() => {
      this.#close();
      this.#newest = undefined;
      this.#ready = Promise.withResolvers<void>();
    }, this.#options.lingerMs ?? 30_000);
    this.#lingering.unref();
  }

  #close(): void {
    this.#end?.();
    this.#end = undefined;
    this.#hasBegun = false;
    this.#window.clear();
  }

  #take(changes: readonly ResultChange[]): void {
    const isNews = this.#hasBegun ? this.#newsAfter() : this.#newsAtBeginning();
    for (const { kind, result } of changes) {
      if (kind === 'removed') {
        this.#window.delete(result.id);
        if (isNews(kind, result)) this.#tell({ kind: 'deleted', result });
      } else {
        this.#window.set(result.id, result);
        if (isNews(kind, result)) this.#tell({ kind: 'changed', result });
      }
    }
    this.#newest = Math.max(this.#newest ?? 0, ...changes.map(({ result }) => changedAt(result)));
    this.#hasBegun = true;
    this.#ready.resolve();
  }

  /** A query that begins brings its whole window: after an interruption, some of it was never told. */
  #newsAtBeginning(): IsNews {
    const seenUntil = this.#newest ?? Number.POSITIVE_INFINITY;
    return (_kind, result) => changedAt(result) >= seenUntil - CLOCK_SKEW_MS;
  }

  /** A change pushes the oldest out of a full window, and a deletion lets an older one slip in: neither is news. */
  #newsAfter(): IsNews {
    if (this.#window.size < WINDOW) return () => true;
    const oldest = Math.min(...[...this.#window.values()].map(changedAt));
    return (kind, result) =>
      kind === 'modified' || (kind === 'removed' ? changedAt(result) > oldest : changedAt(result) >= oldest);
  }

  #tell(event: ChangeEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

type IsNews = (kind: ResultChange['kind'], result: StoredResult) => boolean;

const changedAt = ({ document }: StoredResult): number => document.updatedAt.getTime();
