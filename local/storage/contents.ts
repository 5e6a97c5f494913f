import { createHash, type Hash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, link, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32c } from '@node-rs/crc32';
import type { Content } from './stored-object.ts';

/** Cloud Storage persists resumable uploads in multiples of this many bytes. */
const GRANULE_BYTES = 256 * 1024;
const FLUSH_BYTES = 4 * GRANULE_BYTES;

/** Object contents as immutable files. A file gets its final name only when it is complete. */
export class Contents {
  readonly #folder: string;
  readonly #partsFolder: string;

  constructor(dataDir: string) {
    this.#folder = join(dataDir, 'contents');
    this.#partsFolder = join(dataDir, 'parts');
    for (const folder of [this.#folder, this.#partsFolder]) mkdirSync(folder, { recursive: true });
  }

  partPath(contentId: string): string {
    return join(this.#partsFolder, contentId);
  }

  async write(contentId: string = randomUUID()): Promise<ContentWriter> {
    return new ContentWriter(contentId, await open(this.partPath(contentId), 'w'));
  }

  /** Continues a part left by an earlier process: hashes what was stored, cut to whole granules. */
  async resume(contentId: string): Promise<ContentWriter> {
    const handle = await open(this.partPath(contentId), 'r+');
    const { size } = await handle.stat();
    const kept = size - (size % GRANULE_BYTES);
    await handle.truncate(kept);
    const writer = new ContentWriter(contentId, handle);
    if (kept > 0) {
      for await (const chunk of handle.createReadStream({ start: 0, autoClose: false })) writer.absorb(chunk);
    }
    return writer;
  }

  async finish(writer: ContentWriter): Promise<Content> {
    const content = await writer.finish();
    await mkdir(this.#shelf(content.contentId), { recursive: true });
    await rename(this.partPath(content.contentId), this.#path(content.contentId));
    return content;
  }

  /** Ends a piece of a larger upload: it stays a part until the upload is put together. */
  finishPart(writer: ContentWriter): Promise<Content> {
    return writer.finish();
  }

  openPart(contentId: string): Promise<FileHandle> {
    return open(this.partPath(contentId), 'r');
  }

  async removePart(contentId: string): Promise<void> {
    await rm(this.partPath(contentId), { force: true });
  }

  async discard(writer: ContentWriter): Promise<void> {
    await writer.close();
    await rm(this.partPath(writer.contentId), { force: true });
  }

  open(contentId: string): Promise<FileHandle> {
    return open(this.#path(contentId), 'r');
  }

  /** A second name for the same bytes: copies cost nothing, and each name is removed on its own. */
  async duplicate(contentId: string): Promise<string> {
    const copy = randomUUID();
    await mkdir(this.#shelf(copy), { recursive: true });
    await link(this.#path(contentId), this.#path(copy));
    return copy;
  }

  async remove(contentId: string): Promise<void> {
    await rm(this.#path(contentId), { force: true });
  }

  /** Removes what a killed process left: contents no object names, parts no upload session continues. */
  sweep(wanted: { contents: ReadonlySet<string>; parts: ReadonlySet<string> }): void {
    for (const shelf of readdirSync(this.#folder)) {
      removeOthers(join(this.#folder, shelf), wanted.contents);
    }
    removeOthers(this.#partsFolder, wanted.parts);
  }

  // Folders of 1/256 of the files each: some file systems slow down with 100,000 names in one.
  #shelf(contentId: string): string {
    return join(this.#folder, contentId.slice(0, 2));
  }

  #path(contentId: string): string {
    return join(this.#shelf(contentId), contentId);
  }
}

function removeOthers(folder: string, wanted: ReadonlySet<string>): void {
  for (const file of readdirSync(folder)) if (!wanted.has(file)) rmSync(join(folder, file));
}

/** Writes one content in 1 MiB pieces while hashing it; holds at most one piece in memory. */
export class ContentWriter {
  readonly contentId: string;
  readonly #handle: FileHandle;
  readonly #md5: Hash = createHash('md5');
  #crc32c = 0;
  #persisted = 0;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #open = true;

  constructor(contentId: string, handle: FileHandle) {
    this.contentId = contentId;
    this.#handle = handle;
  }

  /** Bytes on disk; what is still in memory does not count. */
  get persisted(): number {
    return this.#persisted;
  }

  /** Bytes on disk and in memory. */
  get received(): number {
    return this.#persisted + this.#pendingBytes;
  }

  async write(chunk: Buffer): Promise<void> {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    if (this.#pendingBytes >= FLUSH_BYTES) await this.#flush(wholeGranules(this.#pendingBytes));
  }

  /** Ends an incomplete request: whole granules are kept, the rest is forgotten and must be sent again. */
  async settle(): Promise<void> {
    await this.#flush(wholeGranules(this.#pendingBytes));
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  async finish(): Promise<Content> {
    await this.#flush(this.#pendingBytes);
    await this.close();
    const crc = Buffer.alloc(4);
    crc.writeUInt32BE(this.#crc32c);
    return {
      contentId: this.contentId,
      size: this.#persisted,
      crc32c: crc.toString('base64'),
      md5: this.#md5.digest('base64'),
    };
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#handle.close();
  }

  /** Counts bytes that are on disk already. */
  absorb(chunk: Buffer): void {
    this.#md5.update(chunk);
    this.#crc32c = crc32c(chunk, this.#crc32c);
    this.#persisted += chunk.length;
  }

  async #flush(bytes: number): Promise<void> {
    if (bytes === 0) return;
    const all = this.#pending.length === 1 ? this.#pending[0] : Buffer.concat(this.#pending);
    if (all === undefined) return;
    const piece = all.subarray(0, bytes);
    this.#pending = bytes < all.length ? [all.subarray(bytes)] : [];
    this.#pendingBytes = all.length - bytes;
    await writeWhole(this.#handle, piece, this.#persisted);
    this.absorb(piece);
  }
}

async function writeWhole(handle: FileHandle, piece: Buffer, position: number): Promise<void> {
  for (let written = 0; written < piece.length; ) {
    const { bytesWritten } = await handle.write(piece, written, piece.length - written, position + written);
    written += bytesWritten;
  }
}

const wholeGranules = (bytes: number): number => bytes - (bytes % GRANULE_BYTES);
