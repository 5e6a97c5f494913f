import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type Call, header, type Service } from './call.ts';
import { noSuchObject, StorageError, unsatisfiableRange } from './errors.ts';
import { etag } from './resource.ts';
import type { StoredObject } from './stored-object.ts';

const READ_PIECE_BYTES = 256 * 1024;

/** First and last byte, inclusive. */
interface ByteRange {
  first: number;
  last: number;
}

/** Answers with an object's bytes, or the part that `Range` asks for. @throws StorageError 404, 416 */
export async function sendContent(
  service: Service,
  call: Call,
  object: StoredObject,
  overrides: Record<string, string> = {},
): Promise<void> {
  const inflate = mustInflate(call, object);
  const range = inflate ? undefined : rangeFrom(header(call.request, 'range'), object.size);
  const handle = await openContent(service, object);
  try {
    await checkLength(handle, object);
    const headers = {
      ...contentHeaders(object),
      ...(inflate ? {} : lengthHeaders(object, range)),
      ...overrides,
    };
    call.response.writeHead(range ? 206 : 200, headers);
    if (call.method === 'HEAD' || object.size === 0) call.response.end();
    else if (inflate) await pipeline(read(handle), createGunzip(), call.response);
    else await pipeline(read(handle, range), call.response);
  } finally {
    await handle.close();
  }
}

const read = (handle: FileHandle, range?: ByteRange): Readable =>
  handle.createReadStream({
    start: range?.first ?? 0,
    ...(range ? { end: range.last } : {}),
    highWaterMark: READ_PIECE_BYTES,
    autoClose: false,
  });

// Between the look-up and the opening, an overwrite may have removed the file: that generation is gone.
async function openContent({ contents, store }: Service, object: StoredObject): Promise<FileHandle> {
  try {
    return await contents.open(object.contentId);
  } catch (error) {
    const generations = store.generations(object.bucket, object.name);
    if (!generations.some(({ contentId }) => contentId === object.contentId)) {
      throw noSuchObject(object.bucket, object.name);
    }
    throw error;
  }
}

async function checkLength(handle: FileHandle, object: StoredObject): Promise<void> {
  const { size } = await handle.stat();
  if (size === object.size) return;
  throw new StorageError(
    500,
    'internalError',
    `The content of ${object.bucket}/${object.name} is damaged: ${size} of ${object.size} bytes are on disk.`,
    { xmlCode: 'InternalError' },
  );
}

// Decompressive transcoding: https://cloud.google.com/storage/docs/transcoding
function mustInflate(call: Call, { fields }: StoredObject): boolean {
  if (fields.contentEncoding !== 'gzip' || fields.cacheControl?.includes('no-transform')) return false;
  return !/\bgzip\b/.test(header(call.request, 'accept-encoding') ?? '');
}

// Node writes headers as Latin-1; this makes the bytes on the wire UTF-8, and keeps line breaks out of them.
export const headerText = (text: string): string =>
  Buffer.from(text.replace(/\p{Cc}/gu, ' '), 'utf8').toString('latin1');

// `x-goog-hash` is one header without a space after the comma: clients split on the bare comma.
function contentHeaders(object: StoredObject): Record<string, string> {
  const { fields } = object;
  return {
    'Content-Type': headerText(fields.contentType ?? 'application/octet-stream'),
    'Cache-Control': headerText(fields.cacheControl ?? 'private, max-age=0'),
    ...(fields.contentDisposition ? { 'Content-Disposition': headerText(fields.contentDisposition) } : {}),
    ...(fields.contentLanguage ? { 'Content-Language': headerText(fields.contentLanguage) } : {}),
    'Last-Modified': new Date(object.updated).toUTCString(),
    ETag: etag(object.generation, object.metageneration),
    'x-goog-generation': String(object.generation),
    'x-goog-metageneration': String(object.metageneration),
    'x-goog-hash': object.md5 ? `crc32c=${object.crc32c},md5=${object.md5}` : `crc32c=${object.crc32c}`,
    'x-goog-storage-class': 'STANDARD',
    'x-goog-stored-content-encoding': headerText(fields.contentEncoding ?? 'identity'),
    'x-goog-stored-content-length': String(object.size),
  };
}

function lengthHeaders({ size, fields }: StoredObject, range: ByteRange | undefined): Record<string, string> {
  return {
    'Accept-Ranges': 'bytes',
    ...(fields.contentEncoding ? { 'Content-Encoding': headerText(fields.contentEncoding) } : {}),
    ...(range
      ? {
          'Content-Length': String(range.last - range.first + 1),
          'Content-Range': `bytes ${range.first}-${range.last}/${size}`,
        }
      : { 'Content-Length': String(size) }),
  };
}

/** One range; several, or what is not a byte range, is answered with the whole object, as HTTP allows. */
function rangeFrom(text: string | undefined, size: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(text?.trim() ?? '');
  if (match === null || match[0] === 'bytes=-') return undefined;
  const [, first, last] = match;
  const range = first
    ? { first: Number(first), last: last ? Math.min(Number(last), size - 1) : size - 1 }
    : { first: Math.max(0, size - Number(last)), last: size - 1 };
  if (range.first > range.last) throw unsatisfiableRange();
  return range;
}
