import {
  closeSync,
  createReadStream,
  existsSync,
  ftruncateSync,
  openSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { acquireInstanceLock, type InstanceLock } from '../instance-lock.ts';
import type { DocumentChange } from './documents.ts';
import { decodeChange, decodeEntry, encodeEntry } from './journal-codec.ts';
import type { CommitLog, Store } from './store.ts';

/** Below this size a compaction at start saves less than it costs. */
const COMPACT_FROM_BYTES = 4 * 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * Append-only file of commits, one JSON line each, handed to the operating system before a commit is
 * answered: killing the process loses nothing, a crash of the machine may lose the last moments.
 */
export class Journal implements CommitLog {
  readonly #fd: number;
  readonly #lock: InstanceLock;
  #bytes: number;

  private constructor(fd: number, bytes: number, lock: InstanceLock) {
    this.#fd = fd;
    this.#lock = lock;
    this.#bytes = bytes;
  }

  /** Replays what `dataDir` holds into the store, drops a torn last line, and compacts a large journal. */
  static async open(dataDir: string, store: Store): Promise<Journal> {
    // Two servers appending to one journal would destroy it.
    const lock = await acquireInstanceLock(dataDir);
    try {
      const file = join(dataDir, 'journal.jsonl');
      const replayed = existsSync(file) ? await replay(file, store) : { bytes: 0, changes: 0 };
      const compacted =
        replayed.bytes >= COMPACT_FROM_BYTES ? compact(file, store, replayed.changes) : undefined;
      const fd = openSync(file, 'a');
      const bytes = compacted ?? replayed.bytes;
      ftruncateSync(fd, bytes);
      return new Journal(fd, bytes, lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  append(commitTime: number, database: string, changes: readonly DocumentChange[]): void {
    const line = Buffer.from(encodeEntry(commitTime, database, changes));
    try {
      writeAll(this.#fd, line);
    } catch (error) {
      // A full disk may have taken half a line: the next one must not be glued to it.
      ftruncateSync(this.#fd, this.#bytes);
      throw error;
    }
    this.#bytes += line.length;
  }

  async close(): Promise<void> {
    closeSync(this.#fd);
    await this.#lock.release();
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
}

/** `bytes` is the length of the intact part, `changes` how many document versions it holds. */
async function replay(file: string, store: Store): Promise<{ bytes: number; changes: number }> {
  let bytes = 0;
  let changes = 0;
  for await (const line of wholeLines(file)) {
    try {
      changes += applyEntry(line.toString('utf8'), store);
    } catch (error) {
      throw new Error(
        `${file} is damaged at byte ${bytes}. Move the data folder away to start over, or cut the file off there.`,
        { cause: error },
      );
    }
    bytes += line.length + 1;
  }
  return { bytes, changes };
}

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

/** Lines that end in a newline; a torn rest is left out. */
async function* wholeLines(file: string): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      yield Buffer.concat([...rest, chunk.subarray(start, end)]);
      rest = [];
      start = end + 1;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  }
}

/** Writes one line per living document and puts it in place of the journal; returns the new size in bytes. */
function compact(file: string, store: Store, changes: number): number | undefined {
  let living = 0;
  for (const documents of store.databases()) living += documents.count();
  if (changes < 2 * living) return undefined;
  const temporary = `${file}.compact`;
  const fd = openSync(temporary, 'w');
  let bytes = 0;
  for (const documents of store.databases()) {
    for (const document of documents.all()) {
      const change = { path: document.path, before: undefined, after: document };
      const line = Buffer.from(encodeEntry(document.updateTime, documents.database, [change]));
      writeAll(fd, line);
      bytes += line.length;
    }
  }
  closeSync(fd);
  renameSync(temporary, file);
  return bytes;
}
