import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/**
 * Append-only file of JSON lines. One line is one atomic change: a process killed while writing leaves a torn
 * last line, which is dropped at the next start, so a change is there whole or not at all.
 *
 * Appends are synchronous on purpose: a change is decided, durable and visible within one turn of the event loop,
 * so concurrent requests need no locks. Lines survive the death of the process, not of the machine (no fsync).
 */
export class Journal<Change> {
  readonly #path: string;
  #file: number | undefined;

  constructor(folder: string) {
    this.#path = join(folder, 'journal.jsonl');
  }

  read(): Change[] {
    const changes: Change[] = [];
    const lines = readOrEmpty(this.#path).split('\n');
    lines.pop(); // what follows the last newline: nothing, or a torn line
    for (const [index, line] of lines.entries()) changes.push(this.#parse(line, index + 1));
    return changes;
  }

  #parse(line: string, number: number): Change {
    try {
      return JSON.parse(line) as Change;
    } catch (error) {
      // A torn last line is expected after a crash; damage further up means that what follows cannot be trusted either.
      throw new Error(
        `Line ${number} of ${this.#path} is damaged. Move the data folder away to start over, or cut the file off before that line.`,
        { cause: error },
      );
    }
  }

  /** Starts a fresh file from a snapshot, replacing the old one in a single rename. */
  rewrite(snapshot: Iterable<Change>): void {
    this.close();
    const next = `${this.#path}.next`;
    rmSync(next, { force: true });
    const file = openSync(next, 'a');
    for (const change of snapshot) writeFileSync(file, `${JSON.stringify(change)}\n`);
    renameSync(next, this.#path);
    this.#file = file;
  }

  /** @throws when the disk is full; the file is then as it was before. */
  append(change: Change): void {
    if (this.#file === undefined)
      throw new Error('The storage journal is closed; the server is shutting down.');
    const before = fstatSync(this.#file).size;
    try {
      writeWhole(this.#file, Buffer.from(`${JSON.stringify(change)}\n`));
    } catch (error) {
      // A half line in the middle of the file would swallow the next change.
      ftruncateSync(this.#file, before);
      throw error;
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

function writeWhole(file: number, line: Buffer): void {
  for (let written = 0; written < line.length; ) written += writeSync(file, line, written);
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
