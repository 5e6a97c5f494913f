import { join } from 'node:path';
import { acquireInstanceLock, type InstanceLock } from '../instance-lock.ts';
import { LineFile } from '../line-file.ts';
import type { DocumentChange } from './documents.ts';
import { decodeChange, decodeEntry, encodeEntry } from './journal-codec.ts';
import type { CommitLog, Store } from './store.ts';

/** Below this size a compaction at start saves less than it costs. */
const COMPACT_FROM_BYTES = 4 * 1024 * 1024;

/**
 * The commits, one JSON line each, handed to the operating system before a commit is answered: killing the process
 * loses nothing, a crash of the machine may lose the last moments.
 */
export class Journal implements CommitLog {
  readonly #file: LineFile;
  readonly #lock: InstanceLock;

  private constructor(file: LineFile, lock: InstanceLock) {
    this.#file = file;
    this.#lock = lock;
  }

  /** Replays what `dataDir` holds into the store, drops a torn last line, and compacts a large journal. */
  static async open(dataDir: string, store: Store): Promise<Journal> {
    // Two servers appending to one journal would destroy it.
    const lock = await acquireInstanceLock(dataDir);
    try {
      const file = new LineFile(join(dataDir, 'journal.jsonl'));
      let changes = 0;
      file.replay((line) => {
        changes += applyEntry(line, store);
      });
      if (file.bytes >= COMPACT_FROM_BYTES && changes >= 2 * livingIn(store)) file.rewrite(snapshotOf(store));
      return new Journal(file, lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  append(commitTime: number, database: string, changes: readonly DocumentChange[]): void {
    this.#file.append(encodeEntry(commitTime, database, changes));
  }

  async close(): Promise<void> {
    this.#file.close();
    await this.#lock.release();
  }
}

/** Returns how many document versions the line holds. */
function applyEntry(line: string, store: Store): number {
  const { at, db, set } = decodeEntry(line);
  const documents = store.database(db);
  for (const change of set) {
    const document = decodeChange(change, at);
    if (document) documents.put(document);
    else documents.delete(change[0]);
  }
  store.clock.advanceTo(at);
  return set.length;
}

const livingIn = (store: Store): number =>
  [...store.databases()].reduce((sum, documents) => sum + documents.count(), 0);

/** One line per living document. */
function* snapshotOf(store: Store): Generator<string> {
  for (const documents of store.databases()) {
    for (const document of documents.all()) {
      const change = { path: document.path, before: undefined, after: document };
      yield encodeEntry(document.updateTime, documents.database, [change]);
    }
  }
}
