import { CommitClock } from './clock.ts';
import { type DocumentChange, Documents, type StoredDocument } from './documents.ts';
import { History } from './history.ts';
import type { CompositeIndex } from './indexes.ts';
import type { WireWrite, WireWriteResult } from './wire.ts';
import { stageWrite } from './writes.ts';

interface CommitResult {
  /** Microseconds since 1970. */
  commitTime: number;
  results: WireWriteResult[];
}

/** Told of every commit that changed something, after it is durable. */
type CommitListener = (documents: Documents, changes: readonly DocumentChange[]) => void;

/** Makes a commit durable before it becomes visible; throws when it cannot. */
export interface CommitLog {
  append(commitTime: number, database: string, changes: readonly DocumentChange[]): void;
}

/** All databases, the clock they share, and the one way to change them. */
export class Store {
  readonly clock: CommitClock;
  readonly #databases = new Map<string, Documents>();
  readonly #history: History;
  readonly #listeners = new Set<CommitListener>();
  readonly #indexes: readonly CompositeIndex[];
  #log: CommitLog | undefined;

  constructor(nowMs: () => number, indexes: readonly CompositeIndex[] = []) {
    this.#indexes = indexes;
    this.clock = new CommitClock(nowMs);
    this.#history = new History(() => this.clock.read());
  }

  set log(log: CommitLog) {
    this.#log = log;
  }

  database(name: string): Documents {
    let documents = this.#databases.get(name);
    if (!documents) {
      documents = new Documents(name);
      this.#databases.set(name, documents);
    }
    return documents;
  }

  /** The documents as they were at `readTime`, in microseconds. Throws FAILED_PRECONDITION when that is not kept. */
  databaseAt(name: string, readTime: number): Documents {
    return this.#history.at(this.database(name), readTime);
  }

  databases(): Iterable<Documents> {
    return this.#databases.values();
  }

  onCommit(listener: CommitListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** All of the writes or none of them. */
  commit(databaseName: string, writes: readonly WireWrite[]): CommitResult {
    const documents = this.database(databaseName);
    const commitTime = this.clock.next();
    const staged = new Map<string, StoredDocument | undefined>();
    const stage = {
      database: databaseName,
      commitTime,
      indexes: this.#indexes,
      get: (path: string) => (staged.has(path) ? staged.get(path) : documents.get(path)),
      set: (path: string, document: StoredDocument | undefined) => void staged.set(path, document),
    };
    const results = writes.map((write) => stageWrite(write, stage));
    this.#publish(documents, commitTime, changesOf(staged, documents));
    return { commitTime, results };
  }

  #publish(documents: Documents, commitTime: number, changes: DocumentChange[]): void {
    if (changes.length === 0) return;
    this.#log?.append(commitTime, documents.database, changes);
    documents.apply(changes);
    this.#history.note(documents, commitTime, changes);
    for (const listener of this.#listeners) listener(documents, changes);
  }
}

function changesOf(staged: Map<string, StoredDocument | undefined>, documents: Documents): DocumentChange[] {
  const changes: DocumentChange[] = [];
  for (const [path, after] of staged) {
    const before = documents.get(path);
    if (before !== after) changes.push({ path, before, after });
  }
  return changes;
}
