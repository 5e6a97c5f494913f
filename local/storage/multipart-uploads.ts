import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contents } from './contents.ts';
import { StorageError } from './errors.ts';
import type { ObjectStore } from './object-store.ts';
import type { Content, StoredObject } from './stored-object.ts';
import type { UploadTarget } from './upload-target.ts';

/** https://cloud.google.com/storage/quotas#requests: of every part but the last. */
const MIN_PART_BYTES = 5 * 1024 * 1024;
export const MAX_PARTS = 10_000;

interface StoredPart extends Content {
  uploadedAt: string;
}

export interface MultipartUpload {
  id: string;
  target: UploadTarget;
  startedAt: string;
  /** By part number, in the order of their arrival. */
  parts: Record<number, StoredPart>;
}

/** One part as the client names it when it completes the upload; the tag is the MD5 in hexadecimal. */
export interface NamedPart {
  number: number;
  etag: string;
}

/** The XML API's multipart uploads. Their state is in `multipart/`, their bytes in `parts/`: both outlive the process. */
export class MultipartUploads {
  readonly #folder: string;
  readonly #store: ObjectStore;
  readonly #contents: Contents;
  readonly #uploads = new Map<string, MultipartUpload>();

  constructor(dataDir: string, store: ObjectStore, contents: Contents) {
    this.#folder = join(dataDir, 'multipart');
    this.#store = store;
    this.#contents = contents;
    mkdirSync(this.#folder, { recursive: true });
    for (const file of readdirSync(this.#folder)) {
      if (!file.endsWith('.json')) rmSync(join(this.#folder, file));
      else this.#remember(JSON.parse(readFileSync(join(this.#folder, file), 'utf8')) as MultipartUpload);
    }
  }

  /** The contents that unfinished uploads still need. */
  partIds(): string[] {
    return [...this.#uploads.values()].flatMap(({ parts }) =>
      Object.values(parts).map((part) => part.contentId),
    );
  }

  of(bucket: string): MultipartUpload[] {
    return [...this.#uploads.values()].filter(({ target }) => target.bucket === bucket);
  }

  start(target: UploadTarget): MultipartUpload {
    const upload = { id: randomUUID(), target, startedAt: new Date().toISOString(), parts: {} };
    this.#save(upload);
    return upload;
  }

  /** @throws StorageError 404 */
  get(id: string, { bucket, name }: { bucket: string; name: string }): MultipartUpload {
    const upload = this.#uploads.get(id);
    if (upload === undefined || upload.target.bucket !== bucket || upload.target.name !== name) {
      throw new StorageError(404, 'notFound', 'The requested upload was not found.', {
        xmlCode: 'NoSuchUpload',
      });
    }
    return upload;
  }

  /** Takes a part; one of the same number before it is replaced. */
  async put(upload: MultipartUpload, number: number, chunks: AsyncIterable<Buffer>): Promise<StoredPart> {
    const writer = await this.#contents.write();
    try {
      for await (const chunk of chunks) await writer.write(chunk);
      const part = { ...(await this.#contents.finishPart(writer)), uploadedAt: new Date().toISOString() };
      const replaced = upload.parts[number];
      upload.parts[number] = part;
      this.#save(upload);
      if (replaced) await this.#contents.removePart(replaced.contentId);
      return part;
    } catch (error) {
      await this.#contents.discard(writer);
      throw error;
    }
  }

  /** Puts the named parts together into one object, which has no MD5, as in production. @throws StorageError 400, 412 */
  async complete(upload: MultipartUpload, named: readonly NamedPart[]): Promise<StoredObject> {
    const parts = chosen(upload, named);
    const { bucket, name, fields, conditions } = upload.target;
    const writer = await this.#contents.write();
    try {
      for (const { contentId } of parts) {
        const handle = await this.#contents.openPart(contentId);
        for await (const chunk of handle.createReadStream()) await writer.write(chunk as Buffer);
      }
      const { md5: _, ...content } = await this.#contents.finish(writer);
      const object = this.#store.insert({ bucket, name, content, fields }, conditions);
      await this.abort(upload);
      return object;
    } catch (error) {
      await this.#contents.discard(writer);
      await this.#contents.remove(writer.contentId);
      throw error;
    }
  }

  async abort(upload: MultipartUpload): Promise<void> {
    this.#uploads.delete(upload.id);
    rmSync(this.#path(upload.id), { force: true });
    for (const { contentId } of Object.values(upload.parts)) await this.#contents.removePart(contentId);
  }

  #remember(upload: MultipartUpload): void {
    this.#uploads.set(upload.id, upload);
  }

  #save(upload: MultipartUpload): void {
    writeFileSync(`${this.#path(upload.id)}.next`, JSON.stringify(upload));
    renameSync(`${this.#path(upload.id)}.next`, this.#path(upload.id));
    this.#remember(upload);
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}

export const partTag = (part: Content): string => Buffer.from(part.md5 ?? '', 'base64').toString('hex');

function chosen({ parts }: MultipartUpload, named: readonly NamedPart[]): StoredPart[] {
  const refuse = (message: string, xmlCode: string) => new StorageError(400, 'invalid', message, { xmlCode });
  if (named.length === 0) throw refuse('Name at least one part.', 'MalformedCompleteMultipartUploadRequest');
  if (named.some(({ number }, index) => number <= (named[index - 1]?.number ?? 0))) {
    throw refuse('Parts must come in their order.', 'InvalidPartOrder');
  }
  return named.map(({ number, etag }, index) => {
    const part = parts[number];
    if (part === undefined || (etag !== '' && etag !== partTag(part))) {
      throw refuse(`Part ${number} was not uploaded, or its tag differs.`, 'InvalidPart');
    }
    if (index < named.length - 1 && part.size < MIN_PART_BYTES) {
      throw refuse(
        `Part ${number} has ${part.size} bytes; every part but the last needs ${MIN_PART_BYTES}.`,
        'EntityTooSmall',
      );
    }
    return part;
  });
}
