import { failedPrecondition, invalidArgument } from '../rpc/status.ts';
import { type DocumentChange, Documents } from './documents.ts';

/** As far back as production reads without point-in-time recovery. */
const KEPT_MICROS = 3_600_000_000;
/** Of changed documents: what an hour of heavy load may hold in memory. */
const MOST_CHANGES = 200_000;

interface Commit {
  /** Microseconds since 1970. */
  readonly at: number;
  readonly documents: Documents;
  readonly changes: readonly DocumentChange[];
}

/** The commits of the last hour since this server started, to read what was before them. */
export class History {
  readonly #now: () => number;
  #since: number;
  #commits: Commit[] = [];
  #changes = 0;

  /** `now` in microseconds. */
  constructor(now: () => number) {
    this.#now = now;
    this.#since = now();
  }

  note(documents: Documents, at: number, changes: readonly DocumentChange[]): void {
    this.#commits.push({ at, documents, changes });
    this.#changes += changes.length;
    this.#forget();
  }

  /** Throws INVALID_ARGUMENT for the future and FAILED_PRECONDITION for what is forgotten. */
  at(documents: Documents, readTime: number): Documents {
    const now = this.#now();
    if (readTime > now) throw invalidArgument('The read time lies in the future.');
    if (readTime < Math.max(this.#since, now - KEPT_MICROS)) {
      const what = 'The local Firestore reads the past hour since its start';
      throw failedPrecondition(`The read time is too old. ${what}, no further.`);
    }
    const undone = this.#commits.filter((commit) => commit.documents === documents && commit.at > readTime);
    if (undone.length === 0) return documents;
    const past = new Documents(documents.database);
    for (const document of documents.all()) past.put(document);
    for (const { changes } of undone.reverse()) {
      past.apply(changes.map(({ path, before, after }) => ({ path, before: after, after: before })));
    }
    return past;
  }

  /** Looks at the oldest only when there are twice as many as needed, so that it costs next to nothing. */
  #forget(): void {
    const oldest = this.#commits[0];
    if (!oldest) return;
    const isTooMany = this.#changes > MOST_CHANGES;
    if (!isTooMany && oldest.at > this.#now() - 2 * KEPT_MICROS) return;
    const from = isTooMany ? Math.ceil(this.#commits.length / 2) : this.#firstWithin(KEPT_MICROS);
    const gone = this.#commits.slice(0, from);
    this.#commits = this.#commits.slice(from);
    this.#changes -= gone.reduce((sum, { changes }) => sum + changes.length, 0);
    this.#since = Math.max(this.#since, gone.at(-1)?.at ?? 0);
  }

  #firstWithin(micros: number): number {
    const from = this.#commits.findIndex(({ at }) => at > this.#now() - micros);
    return from < 0 ? this.#commits.length : from;
  }
}
