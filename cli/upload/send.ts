import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { isFailure, PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import type { Buckets } from '../../shared/cloud/storage/buckets.ts';
import type { StoredObject } from '../../shared/cloud/storage/object.ts';
import { resultId } from '../../shared/results/id.ts';
import type { ResultReader } from '../../shared/results/reading.ts';
import { CliError } from '../failure.ts';
import { contentTypeOf } from './files.ts';
import type { KnownProfiles } from './known-profiles.ts';
import type { NamedFile } from './names.ts';
import { sendResumable } from './resumable.ts';
import type { UploadSessions } from './sessions.ts';

/** Larger files are sent in pieces that can be continued after an interruption. */
const RESUMABLE_BYTES = 8_000_000;

export interface Sender {
  buckets: Buckets;
  bucket: string;
  sessions: UploadSessions;
  /** Kept with every object. */
  metadata: Readonly<Record<string, string>>;
  profiles: KnownProfiles;
  results: Pick<ResultReader, 'get'>;
  /** Also sends what exists already, as a new version. */
  force: boolean;
  signal: AbortSignal;
}

interface Content {
  /** Base64. */
  md5: string;
  /** Undefined for big files: they are read piece by piece. */
  bytes: Buffer | undefined;
}

/**
 * Stores one file. An object of the same name is left alone when it has the same content and is answered by what is
 * asked now (or will be), and replaced otherwise, but only if nobody else replaced it meanwhile.
 */
export async function sendFile(
  sender: Sender,
  file: NamedFile,
  onProgress: (bytes: number) => void,
): Promise<'sent' | 'there-already'> {
  const there = await find(sender, file.name);
  const content = await read(file);
  if (there && !sender.force && there.md5 === content.md5 && (await isWellAnswered(sender, there))) {
    return 'there-already';
  }
  const outcome = content.bytes
    ? await sendWhole(sender, file, content.md5, content.bytes, there)
    : await sendInPieces(sender, file, content.md5, there, onProgress);
  if (outcome === 'changed') {
    throw new CliError(`${file.name} was replaced by someone else in this moment.`, {
      hint: 'Run the command again to replace it once more.',
    });
  }
  return 'sent';
}

async function find({ buckets, bucket }: Sender, name: string): Promise<StoredObject | undefined> {
  try {
    return await buckets.stat({ bucket, name });
  } catch (error) {
    // A bucket that does not exist answers 404 too; the write that follows says so.
    if (isFailure(error, 'SOURCE_GONE')) return undefined;
    throw error;
  }
}

/**
 * What has no result yet will be asked what an upload of now would be. Who may write to the bucket and not read results
 * sees no more than the content.
 */
async function isWellAnswered({ results, profiles }: Sender, { ref }: StoredObject): Promise<boolean> {
  const result = await results.get(resultId(ref)).catch((error: unknown) => {
    if (isFailure(error, 'STORE_ACCESS')) return undefined;
    throw error;
  });
  if (result?.document.source.generation !== ref.generation) return true;
  return profiles.isAnsweredBy(ref.name, result.document);
}

async function read({ path, bytes }: NamedFile): Promise<Content> {
  try {
    if (bytes <= RESUMABLE_BYTES) {
      const content = await readFile(path);
      return { md5: createHash('md5').update(content).digest('base64'), bytes: content };
    }
    const hash = createHash('md5');
    await pipeline(createReadStream(path), hash);
    return { md5: hash.digest('base64'), bytes: undefined };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new CliError(`${path} cannot be read (${code}).`, {
      hint: 'Check that it is there and who may read it.',
    });
  }
}

const writeOptions = (sender: Sender, file: NamedFile, there: StoredObject | undefined) => ({
  contentType: contentTypeOf(file.path),
  signal: sender.signal,
  metadata: sender.metadata,
  ...(there ? { replaces: there.ref.generation } : {}),
});

async function sendWhole(
  sender: Sender,
  file: NamedFile,
  md5: string,
  bytes: Buffer,
  there: StoredObject | undefined,
): Promise<'stored' | 'changed'> {
  const target = { bucket: sender.bucket, name: file.name };
  const written = await sender.buckets.create(target, bytes, writeOptions(sender, file, there));
  if (written === 'created') return 'stored';
  // The answer to an earlier try of this very request may have been lost.
  return (await find(sender, file.name))?.md5 === md5 ? 'stored' : 'changed';
}

async function sendInPieces(
  sender: Sender,
  file: NamedFile,
  md5: string,
  there: StoredObject | undefined,
  onProgress: (bytes: number) => void,
): Promise<'stored' | 'changed'> {
  const { sessions, bucket, signal } = sender;
  const identity = [bucket, file.name, md5, there?.ref.generation ?? '0', JSON.stringify(sender.metadata)];
  const handle = await open(file.path);
  const source = {
    bytes: file.bytes,
    read: async (offset: number, length: number) => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    },
  };
  const start = async () => {
    const url = await sender.buckets.startResumable(
      { bucket, name: file.name },
      { ...writeOptions(sender, file, there), md5 },
    );
    await sessions.keep(identity, url);
    return url;
  };
  try {
    const earlier = await sessions.find(identity);
    try {
      return await finish(earlier ?? (await start()));
    } catch (error) {
      if (earlier === undefined || !(error instanceof PipelineError) || signal.aborted) throw error;
      // The session of an earlier run has ended, or belonged to a server that is no more.
      return await finish(await start());
    }
  } finally {
    await handle.close();
  }

  async function finish(url: string): Promise<'stored' | 'changed'> {
    const outcome = await sendResumable(url, source, { signal, onProgress });
    await sessions.forget(identity);
    return outcome;
  }
}
