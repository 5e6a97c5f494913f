import { createHash, type Hash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GeminiError, invalidArgument } from './errors.ts';

/** What a client says of a file before it sends the bytes. */
export interface FileDescription {
  name?: string;
  displayName?: string;
  mimeType: string;
  /** Announced size in bytes. */
  size?: number;
}

/** A file as it is kept: for two days, like Google keeps it. */
interface UploadedFile extends FileDescription {
  name: string;
  sizeBytes: number;
  createTime: number;
  expireTime: number;
  /** Base64 of the digest in hexadecimal: the API's own way. */
  sha256Hash: string;
}

interface UploadSession {
  file: FileDescription & { name: string };
  handle: FileHandle;
  hash: Hash;
  received: number;
}

/** https://ai.google.dev/gemini-api/docs/files */
const KEPT_MS = 48 * 60 * 60 * 1000;
const MAX_FILE_BYTES = 2 * 1024 * 1024 * 1024;
const MAX_ALL_BYTES = 20 * 1024 * 1024 * 1024;
const NAME = /^files\/[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

/** The Files API's memory: descriptions here, bytes in a folder that goes with the process. */
export class UploadedFiles {
  readonly #files = new Map<string, UploadedFile>();
  readonly #sessions = new Map<string, UploadSession>();
  #folder: Promise<string> | undefined;

  /** @returns the id of an upload session @throws GeminiError 400, 409 */
  async start(description: FileDescription, nowMs: number): Promise<string> {
    const name = description.name ?? `files/${randomBytes(6).toString('hex')}`;
    if (!NAME.test(name)) {
      throw invalidArgument(
        `* CreateFileRequest.file.name: File ID must contain only lowercase alphanumeric characters or dashes (-), at most 40, and not begin or end with one: ${name}\n`,
      );
    }
    await this.#forgetExpired(nowMs);
    if (this.#files.has(name))
      throw new GeminiError(409, 'ALREADY_EXISTS', 'Requested entity already exists');
    checkSize(description.size ?? 0, [...this.#files.values()]);
    const id = randomBytes(16).toString('hex');
    const handle = await open(await this.#path(name), 'w');
    const file = { ...description, name };
    this.#sessions.set(id, { file, handle, hash: createHash('sha256'), received: 0 });
    return id;
  }

  received(id: string): number {
    return this.#session(id).received;
  }

  /** @throws GeminiError 400 when the bytes do not follow on those that are there */
  async write(id: string, offset: number, chunks: AsyncIterable<Buffer>): Promise<void> {
    const session = this.#session(id);
    if (offset !== session.received) {
      throw invalidArgument(
        `The upload has ${session.received} bytes; the next must begin there, not at ${offset}.`,
      );
    }
    for await (const chunk of chunks) {
      checkSize(session.received + chunk.length, []);
      await session.handle.write(chunk, 0, chunk.length, session.received);
      session.hash.update(chunk);
      session.received += chunk.length;
    }
  }

  /** @throws GeminiError 400 when another size was announced */
  async finish(id: string, nowMs: number): Promise<UploadedFile> {
    const { file, handle, hash, received } = this.#session(id);
    if (file.size !== undefined && file.size !== received) {
      throw invalidArgument(`${received} bytes were sent, but ${file.size} were announced.`);
    }
    await handle.close();
    this.#sessions.delete(id);
    const sha256Hash = Buffer.from(hash.digest('hex')).toString('base64');
    const uploaded = {
      ...file,
      sizeBytes: received,
      createTime: nowMs,
      expireTime: nowMs + KEPT_MS,
      sha256Hash,
    };
    this.#files.set(file.name, uploaded);
    return uploaded;
  }

  async cancel(id: string): Promise<void> {
    const { handle, file } = this.#session(id);
    await handle.close();
    this.#sessions.delete(id);
    await rm(await this.#path(file.name), { force: true });
  }

  async list(nowMs: number): Promise<UploadedFile[]> {
    await this.#forgetExpired(nowMs);
    return [...this.#files.values()].toSorted((a, b) => b.createTime - a.createTime);
  }

  /** @throws GeminiError 403 for a name that is unknown or expired, as the API does */
  async get(name: string, nowMs: number): Promise<UploadedFile> {
    await this.#forgetExpired(nowMs);
    const file = this.#files.get(name);
    if (file) return file;
    throw new GeminiError(
      403,
      'PERMISSION_DENIED',
      `You do not have permission to access the File ${name.replace(/^files\//, '')} or it may not exist.`,
    );
  }

  async bytes(name: string, nowMs: number): Promise<Buffer> {
    await this.get(name, nowMs);
    return readFile(await this.#path(name));
  }

  /** The bytes one after another. @throws GeminiError 403 */
  async open(name: string, nowMs: number): Promise<Readable> {
    await this.get(name, nowMs);
    return createReadStream(await this.#path(name));
  }

  /** A file that the API itself writes. */
  async place(name: string, content: Readable, nowMs: number): Promise<void> {
    const path = await this.#path(name);
    await pipeline(content, createWriteStream(path));
    const { size } = await stat(path);
    const written = { name, mimeType: 'application/jsonl', sizeBytes: size, sha256Hash: '' };
    this.#files.set(name, { ...written, createTime: nowMs, expireTime: nowMs + KEPT_MS });
  }

  async delete(name: string, nowMs: number): Promise<void> {
    await this.get(name, nowMs);
    await this.#remove(name);
  }

  /** Forgets everything and removes the folder. */
  async clear(): Promise<void> {
    for (const { handle } of this.#sessions.values()) await handle.close();
    this.#sessions.clear();
    this.#files.clear();
    const folder = this.#folder;
    this.#folder = undefined;
    if (folder) await rm(await folder, { recursive: true, force: true });
  }

  #session(id: string): UploadSession {
    const session = this.#sessions.get(id);
    if (session === undefined)
      throw new GeminiError(404, 'NOT_FOUND', 'This upload does not exist or has ended.');
    return session;
  }

  async #forgetExpired(nowMs: number): Promise<void> {
    for (const { name, expireTime } of this.#files.values())
      if (expireTime <= nowMs) await this.#remove(name);
  }

  async #remove(name: string): Promise<void> {
    this.#files.delete(name);
    await rm(await this.#path(name), { force: true });
  }

  async #path(name: string): Promise<string> {
    this.#folder ??= mkdtemp(join(tmpdir(), 'gemini-files-'));
    return join(await this.#folder, name.replace('/', '-'));
  }
}

function checkSize(bytes: number, others: readonly UploadedFile[]): void {
  if (bytes > MAX_FILE_BYTES) throw invalidArgument(`The file size (${bytes}) exceeds the maximum of 2 GB.`);
  const all = others.reduce((sum, { sizeBytes }) => sum + sizeBytes, bytes);
  if (all > MAX_ALL_BYTES)
    throw new GeminiError(429, 'RESOURCE_EXHAUSTED', 'The project holds 20 GB of files already.');
}

/** The API's File resource. */
export const showFile = (file: UploadedFile, baseUrl: string): Record<string, unknown> => ({
  name: file.name,
  ...(file.displayName === undefined ? {} : { displayName: file.displayName }),
  mimeType: file.mimeType,
  sizeBytes: String(file.sizeBytes),
  createTime: new Date(file.createTime).toISOString(),
  updateTime: new Date(file.createTime).toISOString(),
  expirationTime: new Date(file.expireTime).toISOString(),
  sha256Hash: file.sha256Hash,
  uri: `${baseUrl}/v1beta/${file.name}`,
  state: 'ACTIVE',
  source: 'UPLOADED',
});
