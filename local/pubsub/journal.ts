import { constants } from 'node:fs';
import { copyFile, type FileHandle, mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { StoredMessage } from './message.ts';
import type { Subscription } from './subscription.ts';

export type JournalRecord =
  | {
      kind: 'publish';
      message: StoredMessage;
      /** Deliveries begun so far, by subscription. */
      to: Record<string, number>;
      /** One record moves a dead letter, so that it is never in both places nor in none. */
      movedFrom?: { subscription: string; id: string };
    }
  | { kind: 'attempt'; subscription: string; id: string; attempts: number }
  | { kind: 'ack'; subscription: string; id: string }
  /** Topics and subscriptions that clients made or deleted; those of the pipeline itself are given at every start. */
  | { kind: 'topic'; name: string; exists: boolean }
  | { kind: 'subscription'; subscription: Subscription }
  | { kind: 'subscription-gone'; name: string };

interface Waiting {
  line: string;
  written(): void;
  failed(error: unknown): void;
}

/** A file below this size is never worth rewriting. */
const SMALLEST_COMPACTION_BYTES = 4 * 1024 * 1024;

/**
 * Append-only file of JSON lines, on the disk before a publisher gets its answer, as Pub/Sub promises. Appends that
 * arrive while a write is under way share the next one, and one sync to the disk. Rewritten from `snapshot` when it has
 * grown to four times its size after the last rewrite.
 */
export class Journal {
  readonly #path: string;
  readonly #snapshot: () => Iterable<JournalRecord>;
  #file: FileHandle;
  #bytes: number;
  #compactAtBytes: number;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;

  /** Starts with a rewrite: a torn last line and acknowledged messages do not outlive it. */
  static async open(path: string, snapshot: () => Iterable<JournalRecord>): Promise<Journal> {
    const { file, bytes } = await rewrite(path, snapshot());
    return new Journal(path, snapshot, file, bytes);
  }

  private constructor(
    path: string,
    snapshot: () => Iterable<JournalRecord>,
    file: FileHandle,
    bytes: number,
  ) {
    this.#path = path;
    this.#snapshot = snapshot;
    this.#file = file;
    this.#bytes = bytes;
    this.#compactAtBytes = compactionThreshold(bytes);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Resolves when the record is on the disk. The state behind `snapshot` must hold it already. */
  append(record: JournalRecord): Promise<void> {
    return new Promise((written, failed) => {
      this.#waiting.push({ line: `${JSON.stringify(record)}\n`, written, failed });
      this.#writing ??= this.#drain();
    });
  }

  /** Writes what waits, then closes the file. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close();
  }

  async #drain(): Promise<void> {
    // One turn later, so that everything published in this one shares the write.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        if (this.#bytes >= this.#compactAtBytes) await this.#compact();
        else await this.#write(batch.map(({ line }) => line).join(''));
        for (const { written } of batch) written();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    this.#writing = undefined;
  }

  async #write(text: string): Promise<void> {
    try {
      await this.#file.appendFile(text);
      await this.#file.datasync();
      this.#bytes += Buffer.byteLength(text);
    } catch (error) {
      // A full disk leaves half a line behind: cut it off, or the next record would be glued to it.
      await this.#file.truncate(this.#bytes).catch(() => {});
      throw error;
    }
  }

  /** The snapshot holds the records of the current batch, which therefore need no writing of their own. */
  async #compact(): Promise<void> {
    const { file, bytes } = await rewrite(this.#path, this.#snapshot());
    await this.#file.close();
    this.#file = file;
    this.#bytes = bytes;
    this.#compactAtBytes = compactionThreshold(bytes);
  }
}

const compactionThreshold = (bytes: number): number => Math.max(SMALLEST_COMPACTION_BYTES, 4 * bytes);

const rewrite = async (
  path: string,
  records: Iterable<JournalRecord>,
): Promise<{ file: FileHandle; bytes: number }> => {
  const text = Array.from(records, (record) => `${JSON.stringify(record)}\n`).join('');
  await mkdir(dirname(path), { recursive: true });
  const fresh = `${path}.new`;
  const file = await open(
    fresh,
    constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND,
  );
  try {
    await file.appendFile(text);
    await file.sync();
    await rename(fresh, path);
  } catch (error) {
    await file.close();
    throw error;
  }
  return { file, bytes: Buffer.byteLength(text) };
};

/**
 * Reads the records of `path` in order; a missing file has none. A torn last line is the trace of a crash and is
 * skipped. Damage elsewhere is skipped too, but then the file is kept beside the new one as `<path>.damaged`.
 */
export const readJournal = async (path: string, apply: (record: JournalRecord) => void): Promise<void> => {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  let unreadable = false;
  let damaged = false;
  for await (const line of file.readLines()) {
    damaged ||= unreadable;
    const record = parse(line);
    unreadable = record === undefined;
    if (record !== undefined) apply(record);
  }
  if (damaged) await copyFile(path, `${path}.damaged`);
};

const parse = (line: string): JournalRecord | undefined => {
  try {
    return JSON.parse(line) as JournalRecord;
  } catch {
    return undefined;
  }
};
