import { closeSync, fstatSync, ftruncateSync, openSync, readSync, renameSync, writeSync } from 'node:fs';

const CHUNK_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * Append-only file of lines, each of which is one atomic change. Appends are synchronous on purpose: a change is
 * decided, written and visible within one turn of the event loop, so concurrent requests need no locks. Lines survive
 * the death of the process, not of the machine (no fsync). A process killed while writing leaves a torn last line,
 * which the next replay drops.
 */
export class LineFile {
  readonly #path: string;
  #file: number | undefined;
  /** Where the next line begins. */
  #bytes: number;

  /** Opens the file, or creates it empty. */
  constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, 'a+');
    this.#bytes = fstatSync(this.#file).size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Hands over every whole line in order.
   * @throws when `apply` throws: what follows a damaged line cannot be trusted either.
   */
  replay(apply: (line: string) => void): void {
    const file = this.#open();
    let bytes = 0;
    let number = 0;
    for (const line of wholeLines(file)) {
      number += 1;
      try {
        apply(line.toString('utf8'));
      } catch (error) {
        throw new Error(
          `Line ${number} of ${this.#path} is damaged. Move the data folder away to start over, or cut the file off before that line.`,
          { cause: error },
        );
      }
      bytes += line.length + 1;
    }
    ftruncateSync(file, bytes);
    this.#bytes = bytes;
  }

  /** @throws when the disk is full; the file is then as it was before. */
  append(line: string): void {
    const file = this.#open();
    const bytes = Buffer.from(`${line}\n`);
    try {
      writeWhole(file, bytes);
    } catch (error) {
      // Half a line in the middle of the file would swallow the next change.
      ftruncateSync(file, this.#bytes);
      throw error;
    }
    this.#bytes += bytes.length;
  }

  /** Starts a fresh file from these lines, which replaces the old one in a single rename. */
  rewrite(lines: Iterable<string>): void {
    const next = `${this.#path}.next`;
    const file = openSync(next, 'w+');
    let written = 0;
    try {
      for (const line of lines) {
        const bytes = Buffer.from(`${line}\n`);
        writeWhole(file, bytes);
        written += bytes.length;
      }
      renameSync(next, this.#path);
    } catch (error) {
      closeSync(file);
      throw error;
    }
    this.close();
    this.#file = file;
    this.#bytes = written;
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #open(): number {
    if (this.#file === undefined) throw new Error(`${this.#path} is closed; the server is shutting down.`);
    return this.#file;
  }
}

function writeWhole(file: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
}

/** Lines that end in a newline; a torn rest is left out. */
function* wholeLines(file: number): Generator<Buffer> {
  let rest: Buffer[] = [];
  let position = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const length = readSync(file, chunk, 0, CHUNK_BYTES, position);
    if (length === 0) return;
    position += length;
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0 && end < length; end = chunk.indexOf(NEWLINE, start)) {
      yield Buffer.concat([...rest, chunk.subarray(start, end)]);
      rest = [];
      start = end + 1;
    }
    if (start < length) rest.push(chunk.subarray(start, length));
  }
}
