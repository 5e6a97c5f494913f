import { EventEmitter } from 'node:events';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type File, Storage } from '@google-cloud/storage';
import { PipelineError } from '../../base/errors/pipeline-error.ts';
import { withDeadline } from '../../base/resilience/deadline.ts';
import { retry } from '../../base/resilience/retry.ts';
import { wellFormed } from '../../base/text.ts';
import { inflateStored } from './inflate.ts';
import { type ObjectRef, type StoredObject, toStored } from './object.ts';
import { isTransientStatus, statusOf, storageFailure } from './storage-failure.ts';
import { collect, crc32cOf, NativeCrc32c } from './streams.ts';

interface BucketsOptions {
  projectId?: string;
  /** One call may take this long, in milliseconds. */
  attemptMs?: number;
  /** A call and its repetitions may take this long together, in milliseconds. */
  overallMs?: number;
}

interface ReadOptions {
  maxBytes: number;
  signal?: AbortSignal;
}

interface WriteOptions {
  contentType: string;
  metadata?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
}

interface ReplaceOptions extends WriteOptions {
  /** The generation that is replaced; undefined when nothing of that name is expected. */
  replaces?: string;
}

/** An object of that name exists, so a write that must not replace anything was refused. */
export class AlreadyThere extends Error {
  constructor({ bucket, name }: Pick<ObjectRef, 'bucket' | 'name'>, options: ErrorOptions) {
    super(`gs://${bucket}/${name} exists already`, options);
    this.name = 'AlreadyThere';
  }
}

/**
 * Cloud Storage as the pipeline uses it; the only file that imports the vendor's client. The client's own retries are
 * off: on Node 24 they throw outside any try (googleapis/nodejs-storage issue 8670) and its timeouts are ignored
 * (issue 7998), so each call runs under our retry and deadline, always with a precondition.
 *
 * Throws SOURCE_GONE for what does not exist and STORAGE_UNAVAILABLE when Storage does not answer in time.
 */
export class Buckets {
  readonly #storage: Storage;
  readonly #attemptMs: number;
  readonly #overallMs: number;

  constructor(options: BucketsOptions = {}) {
    // The client chains its streams so that one of them gets 11 listeners, and Node warns of a leak at each download.
    EventEmitter.defaultMaxListeners = Math.max(EventEmitter.defaultMaxListeners, 20);
    this.#storage = new Storage({
      ...(options.projectId === undefined ? {} : { projectId: options.projectId }),
      retryOptions: { autoRetry: false },
      crc32cGenerator: () => new NativeCrc32c(),
    });
    this.#attemptMs = options.attemptMs ?? 20_000;
    this.#overallMs = options.overallMs ?? 45_000;
  }

  /**
   * The bytes of exactly this generation, checked by CRC32C; what is stored with gzip encoding is inflated. Refused with
   * TOO_MANY_BYTES beyond `maxBytes`, stored or inflated.
   */
  read(ref: ObjectRef, options: ReadOptions): Promise<Buffer> {
    return this.#read(ref, this.#file(ref), options);
  }

  /** The bytes of an object whose name is never written twice, so that no generation need be known. */
  readOnlyVersion(target: Pick<ObjectRef, 'bucket' | 'name'>, options: ReadOptions): Promise<Buffer> {
    const file = this.#storage.bucket(target.bucket).file(target.name);
    return this.#read({ ...target, generation: '0' }, file, options);
  }

  /** The newest bytes as a stream, in flat memory; it breaks off with an error that the caller answers by reading again. */
  async openStream(target: Pick<ObjectRef, 'bucket' | 'name'>, signal: AbortSignal): Promise<Readable> {
    await this.stat(target);
    const stream = this.#storage
      .bucket(target.bucket)
      .file(target.name)
      .createReadStream({ validation: 'crc32c', decompress: false });
    const abort = () => stream.destroy(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    stream.once('close', () => signal.removeEventListener('abort', abort));
    return stream;
  }

  /** Writes the object unless one of that name (or, with `replaces`, another generation of it) exists already. */
  async create(
    target: Pick<ObjectRef, 'bucket' | 'name'>,
    bytes: Buffer,
    options: ReplaceOptions,
  ): Promise<'created' | 'exists'> {
    const ref = { ...target, generation: '0' };
    const file = this.#storage.bucket(target.bucket).file(target.name);
    try {
      await this.#call(ref, options.signal, () =>
        file.save(bytes, {
          resumable: false,
          // Storage refuses bytes that do not have the CRC32C of the metadata: nothing is left to be validated here.
          validation: false,
          preconditionOpts: { ifGenerationMatch: options.replaces ?? 0 },
          metadata: {
            contentType: options.contentType,
            crc32c: crc32cOf(bytes),
            metadata: wellFormed({ ...options.metadata }),
          },
        }),
      );
      return 'created';
    } catch (error) {
      if (statusOf((error as Error).cause) === 412) return 'exists';
      throw error;
    }
  }

  /**
   * Opens an upload that can be continued after an interruption; its bytes are sent with `sendResumable`. The object
   * appears when all are there and have this MD5 (base64). Returns the session's address, which is as good as a key.
   */
  async startResumable(
    target: Pick<ObjectRef, 'bucket' | 'name'>,
    options: ReplaceOptions & { md5: string },
  ): Promise<string> {
    const ref = { ...target, generation: '0' };
    const [url] = await this.#call(ref, options.signal, () =>
      this.#storage
        .bucket(target.bucket)
        .file(target.name)
        .createResumableUpload({
          preconditionOpts: { ifGenerationMatch: options.replaces ?? 0 },
          metadata: {
            contentType: options.contentType,
            md5Hash: options.md5,
            metadata: wellFormed({ ...options.metadata }),
          },
        }),
    );
    return url;
  }

  /**
   * Stores a stream as a new generation, whatever was there; never holds it whole in memory. With `ifAbsent`, throws
   * AlreadyThere when an object of that name exists.
   */
  async upload(
    target: Pick<ObjectRef, 'bucket' | 'name'>,
    content: Readable,
    options: WriteOptions & { signal: AbortSignal; ifAbsent?: boolean },
  ): Promise<StoredObject> {
    const file = this.#storage.bucket(target.bucket).file(target.name);
    const sink = file.createWriteStream({
      resumable: false,
      validation: 'crc32c',
      ...(options.ifAbsent ? { preconditionOpts: { ifGenerationMatch: 0 } } : {}),
      metadata: { contentType: options.contentType, metadata: wellFormed({ ...options.metadata }) },
    });
    try {
      // A stream cannot be sent twice: the caller repeats the request, not we.
      await pipeline(content, sink, { signal: options.signal });
    } catch (error) {
      if (options.ifAbsent && statusOf(error) === 412) throw new AlreadyThere(target, { cause: error });
      throw storageFailure(error, { ...target, generation: '0' });
    }
    return toStored(target.bucket, file.metadata);
  }

  /**
   * An address to which anyone who has it may upload one file, once, with exactly these headers (V4 signature,
   * https://cloud.google.com/storage/docs/access-control/signed-urls). `bytes`: smallest and largest size.
   */
  async signUpload(
    target: Pick<ObjectRef, 'bucket' | 'name'>,
    options: WriteOptions & { bytes: readonly [number, number]; expiresAt: Date },
  ): Promise<{ url: string; headers: Record<string, string> }> {
    const extensionHeaders = {
      'x-goog-content-length-range': options.bytes.join(','),
      // Anyone who sees the address later can replace nothing with it.
      'x-goog-if-generation-match': '0',
      ...Object.fromEntries(
        Object.entries(wellFormed(options.metadata ?? {})).map(([key, value]) => [
          `x-goog-meta-${key}`,
          value,
        ]),
      ),
    };
    const [url] = await this.#call({ ...target, generation: '0' }, options.signal, () =>
      this.#storage.bucket(target.bucket).file(target.name).getSignedUrl({
        version: 'v4',
        action: 'write',
        expires: options.expiresAt,
        contentType: options.contentType,
        extensionHeaders,
      }),
    );
    return { url, headers: { 'Content-Type': options.contentType, ...extensionHeaders } };
  }

  /** What is known of an object without reading it; the newest generation when `ref` names none. */
  async stat(target: Pick<ObjectRef, 'bucket' | 'name'> & { generation?: string }): Promise<StoredObject> {
    const ref = { ...target, generation: target.generation ?? '0' };
    const file =
      target.generation === undefined
        ? this.#storage.bucket(target.bucket).file(target.name)
        : this.#file(ref);
    const [metadata] = await this.#call(ref, undefined, () => file.getMetadata());
    return toStored(target.bucket, metadata);
  }

  /** Like `stat`; undefined when there is no such object. */
  async find(target: Pick<ObjectRef, 'bucket' | 'name'>): Promise<StoredObject | undefined> {
    try {
      return await this.stat({ bucket: target.bucket, name: target.name });
    } catch (error) {
      if (error instanceof PipelineError && error.code === 'SOURCE_GONE') return undefined;
      throw error;
    }
  }

  /** Whether there is an object of that name, of whatever generation. */
  async exists({ bucket, name }: Pick<ObjectRef, 'bucket' | 'name'>): Promise<boolean> {
    const file = this.#storage.bucket(bucket).file(name);
    const [found] = await this.#call({ bucket, name, generation: '0' }, undefined, () => file.exists());
    return found;
  }

  /**
   * Puts a copy of the newest generation, made by Cloud Storage itself, in place of whatever is at `target`: repeated, it
   * comes to the same.
   */
  async copy(
    source: Pick<ObjectRef, 'bucket' | 'name'>,
    target: Pick<ObjectRef, 'bucket' | 'name'>,
  ): Promise<void> {
    const to = this.#storage.bucket(target.bucket).file(target.name);
    await this.#call({ ...source, generation: '0' }, undefined, () =>
      this.#storage.bucket(source.bucket).file(source.name).copy(to),
    );
  }

  /** Deletes this generation; one that is gone already is no error. */
  async delete(ref: ObjectRef): Promise<void> {
    try {
      await this.#call(ref, undefined, () => this.#file(ref).delete({ ifGenerationMatch: ref.generation }));
    } catch (error) {
      if (error instanceof PipelineError && error.code === 'SOURCE_GONE') return;
      if (statusOf((error as Error).cause) === 412) return;
      throw error;
    }
  }

  /** One page of the objects under a prefix, in name order; from the name `startOffset` on. */
  async list(
    bucket: string,
    options: { prefix?: string; startOffset?: string; pageToken?: string; limit: number },
  ): Promise<{ objects: StoredObject[]; nextPageToken: string | undefined }> {
    const ref = { bucket, name: options.prefix ?? '', generation: '0' };
    const [files, next] = await this.#call(ref, undefined, () =>
      this.#storage.bucket(bucket).getFiles({
        autoPaginate: false,
        maxResults: options.limit,
        ...(options.prefix === undefined ? {} : { prefix: options.prefix }),
        ...(options.startOffset === undefined ? {} : { startOffset: options.startOffset }),
        ...(options.pageToken === undefined ? {} : { pageToken: options.pageToken }),
      }),
    );
    return {
      objects: files.map((file) => toStored(bucket, file.metadata)),
      nextPageToken: (next as { pageToken?: string } | null)?.pageToken,
    };
  }

  async #read(ref: ObjectRef, file: File, { maxBytes, signal }: ReadOptions): Promise<Buffer> {
    let encoding: string | undefined;
    const stored = await this.#call(ref, signal, (inner) => {
      // The CRC32C is that of the bytes as they are stored.
      const stream = file.createReadStream({ validation: 'crc32c', decompress: false });
      stream.on('response', (response: { headers: Record<string, string | undefined> }) => {
        encoding = response.headers['x-goog-stored-content-encoding'];
      });
      return collect(stream, ref, maxBytes, inner);
    });
    return encoding?.toLowerCase() === 'gzip' ? inflateStored(stored, ref, maxBytes) : stored;
  }

  #file(ref: ObjectRef): File {
    return this.#storage.bucket(ref.bucket).file(ref.name, { generation: ref.generation });
  }

  async #call<T>(
    ref: ObjectRef,
    signal: AbortSignal | undefined,
    operation: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    try {
      return await retry(
        { maxAttempts: 6, baseMs: 200, maxMs: 4_000, overallMs: this.#overallMs, verdict: isTransientStatus },
        signal,
        (inner) => withDeadline(this.#attemptMs, inner, operation),
      );
    } catch (error) {
      signal?.throwIfAborted();
      throw storageFailure(error, ref);
    }
  }
}
