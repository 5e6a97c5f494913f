import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { commit } from './commit-upload.ts';
import type { Contents, ContentWriter } from './contents.ts';
import { invalid, noSuchUpload } from './errors.ts';
import type { ObjectStore } from './object-store.ts';
import { checkPreconditions } from './preconditions.ts';
import { inflatedBodyOf } from './request-body.ts';
import type { StoredObject } from './stored-object.ts';
import type { UploadRange } from './upload-range.ts';
import type { ExpectedHashes, UploadTarget } from './upload-target.ts';

/** A session lives a week: https://cloud.google.com/storage/docs/resumable-uploads */
const SESSION_MS = 7 * 24 * 60 * 60 * 1000;
/** Finished sessions whose result can still be asked for. */
const REMEMBERED_RESULTS = 1_000;

type Progress = { state: 'incomplete'; persisted: number } | { state: 'complete'; object: StoredObject };

interface Session {
  id: string;
  target: UploadTarget;
  writer?: ContentWriter;
  /** Settles when the request that holds the session is done with it. */
  turn: Promise<void>;
  interrupt?: () => void;
}

/** Upload sessions: their bytes under `parts/`, their targets under `sessions/`, so both outlive the process. */
export class ResumableUploads {
  readonly #folder: string;
  readonly #store: ObjectStore;
  readonly #contents: Contents;
  readonly #sessions = new Map<string, Session>();
  readonly #results = new Map<string, StoredObject>();

  constructor(dataDir: string, store: ObjectStore, contents: Contents) {
    this.#folder = join(dataDir, 'sessions');
    this.#store = store;
    this.#contents = contents;
    mkdirSync(this.#folder, { recursive: true });
    // A session's content keeps the session's id, so the journal tells which sessions are finished.
    const uploaded = store.objectsByContent();
    for (const file of readdirSync(this.#folder)) this.#load(file, uploaded);
  }

  ids(): Set<string> {
    return new Set(this.#sessions.keys());
  }

  /** @throws StorageError 404, 412: production, too, refuses at once what is bound to fail. */
  async start(target: UploadTarget): Promise<string> {
    this.#store.buckets.get(target.bucket);
    checkPreconditions(target.conditions, this.#store.live(target.bucket, target.name), 'write');
    const id = randomUUID();
    const writer = await this.#contents.write(id);
    await writeFile(`${this.#path(id)}.next`, JSON.stringify({ target, startedAt: Date.now() }));
    await rename(`${this.#path(id)}.next`, this.#path(id));
    this.#sessions.set(id, { id, target, writer, turn: Promise.resolve() });
    return id;
  }

  /** Takes the bytes of one request. A connection that breaks keeps what arrived, in whole 256 KiB. */
  async put(
    id: string,
    request: IncomingMessage,
    range: UploadRange,
    hashes: ExpectedHashes,
  ): Promise<Progress> {
    const result = this.#results.get(id);
    if (result !== undefined) return { state: 'complete', object: result };
    const session = this.#session(id);
    return this.#exclusively(session, request, async () => {
      const finished = this.#results.get(id);
      if (finished !== undefined) return { state: 'complete', object: finished };
      session.writer ??= await this.#contents.resume(id);
      const { writer } = session;
      if (range.kind === 'bytes') await absorb(writer, request, range.first);
      if (!isWhole(range, writer)) {
        await writer.settle();
        return { state: 'incomplete', persisted: writer.persisted };
      }
      return { state: 'complete', object: await this.#finish(session, writer, hashes) };
    });
  }

  async cancel(id: string): Promise<void> {
    const session = this.#session(id);
    session.interrupt?.();
    await session.turn;
    if (session.writer) await this.#contents.discard(session.writer);
    await this.#forget(id);
  }

  async close(): Promise<void> {
    for (const session of this.#sessions.values()) await session.writer?.close();
  }

  async #finish(session: Session, writer: ContentWriter, hashes: ExpectedHashes): Promise<StoredObject> {
    const target = { ...session.target, hashes: { ...session.target.hashes, ...hashes } };
    try {
      const object = await commit({ store: this.#store, contents: this.#contents }, writer, target);
      this.#remember(session.id, object);
      return object;
    } finally {
      await this.#forget(session.id);
    }
  }

  #remember(id: string, object: StoredObject): void {
    this.#results.set(id, object);
    const [oldest] = this.#results.keys();
    if (this.#results.size > REMEMBERED_RESULTS && oldest !== undefined) this.#results.delete(oldest);
  }

  async #forget(id: string): Promise<void> {
    this.#sessions.delete(id);
    await rm(this.#path(id), { force: true });
  }

  /** One request at a time. A client that comes back has given up on its earlier request, so that one is cut off. */
  async #exclusively<T>(session: Session, request: IncomingMessage, work: () => Promise<T>): Promise<T> {
    session.interrupt?.();
    const earlier = session.turn;
    const turn = Promise.withResolvers<void>();
    session.turn = turn.promise;
    await earlier;
    const interrupt = () => void request.destroy();
    session.interrupt = interrupt;
    try {
      return await work();
    } catch (error) {
      await session.writer?.settle().catch(() => undefined); // the first error is the one to report
      throw error;
    } finally {
      if (session.interrupt === interrupt) delete session.interrupt;
      turn.resolve();
    }
  }

  #session(id: string): Session {
    const session = this.#sessions.get(id);
    if (session === undefined) throw noSuchUpload();
    return session;
  }

  /** Without a part, the process died while finishing: the upload is an object already, or has to start over. */
  #load(file: string, uploaded: ReadonlyMap<string, StoredObject>): void {
    const path = join(this.#folder, file);
    const id = file.replace(/\.json$/, '');
    const session = file.endsWith('.json') ? readSession(path) : undefined;
    const object = uploaded.get(id);
    if (object) this.#remember(id, object);
    if (session && session.startedAt + SESSION_MS > Date.now() && existsSync(this.#contents.partPath(id))) {
      this.#sessions.set(id, { id, target: session.target, turn: Promise.resolve() });
    } else {
      rmSync(path);
    }
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}

function readSession(path: string): { target: UploadTarget; startedAt: number } {
  return JSON.parse(readFileSync(path, 'utf8')) as { target: UploadTarget; startedAt: number };
}

async function absorb(writer: ContentWriter, request: IncomingMessage, first: number): Promise<void> {
  let repeated = writer.received - first;
  if (repeated < 0) {
    throw invalid(`The bytes before ${first} are missing; the session holds ${writer.received} bytes.`);
  }
  for await (const chunk of inflatedBodyOf(request)) {
    const fresh = chunk.subarray(Math.min(repeated, chunk.length));
    repeated -= chunk.length - fresh.length;
    if (fresh.length > 0) await writer.write(fresh);
  }
}

function isWhole(range: UploadRange, writer: ContentWriter): boolean {
  if (range.total !== undefined) {
    if (writer.received > range.total)
      throw invalid(`More bytes than the announced ${range.total} were sent.`);
    return writer.received === range.total;
  }
  return range.kind === 'bytes' && range.last;
}
