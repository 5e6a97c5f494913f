import { type Call, header } from './call.ts';
import { headerText } from './downloads.ts';
import { invalid, StorageError } from './errors.ts';
import { preconditionsFromHeaders } from './preconditions.ts';
import { checkMetadataSize } from './resource.ts';
import { checkStorageClass } from './storage-classes.ts';
import type { ObjectFields, StoredObject } from './stored-object.ts';
import type { UploadTarget } from './upload-target.ts';
import { hashesFromHeaders } from './uploads.ts';

/** In bytes, inclusive. */
export interface SizeLimits {
  min: number;
  max: number;
}

/** What the headers of an upload say about it. @throws StorageError 400 */
export function targetFrom(call: Call, bucket: string, name: string): UploadTarget {
  return {
    bucket,
    name,
    fields: fieldsFromHeaders(call),
    conditions: preconditionsFromHeaders(call.request.headers),
    hashes: hashesFromHeaders(call),
  };
}

function fieldsFromHeaders({ request }: Call): ObjectFields {
  const contentType = header(request, 'content-type');
  const cacheControl = header(request, 'cache-control');
  const contentDisposition = header(request, 'content-disposition');
  const contentEncoding = header(request, 'content-encoding');
  const contentLanguage = header(request, 'content-language');
  const customTime = header(request, 'x-goog-custom-time');
  const storageClass = header(request, 'x-goog-storage-class');
  const metadata = Object.keys(request.headers)
    .filter((name) => name.startsWith('x-goog-meta-'))
    .map((name) => [name.slice('x-goog-meta-'.length), header(request, name) ?? ''] as const);
  const meta = Object.fromEntries(metadata);
  checkMetadataSize(meta);
  return {
    ...(contentType ? { contentType } : {}),
    ...(contentLanguage ? { contentLanguage } : {}),
    ...(customTime ? { customTime } : {}),
    ...(storageClass ? { storageClass: checkStorageClass(storageClass) } : {}),
    ...(cacheControl ? { cacheControl } : {}),
    ...(contentDisposition ? { contentDisposition } : {}),
    ...(contentEncoding ? { contentEncoding } : {}),
    ...(metadata.length > 0 ? { metadata: meta } : {}),
  };
}

/** `x-goog-content-length-range: MIN,MAX` in bytes, inclusive. */
export function sizeLimits({ request }: Call): SizeLimits | undefined {
  const text = header(request, 'x-goog-content-length-range');
  if (text === undefined) return undefined;
  const [, min, max] = /^(\d+),(\d+)$/.exec(text) ?? [];
  if (min === undefined || max === undefined) throw invalid(`Invalid x-goog-content-length-range: ${text}`);
  return { min: Number(min), max: Number(max) };
}

// Announced sizes are checked before a byte is taken, chunked bodies while they arrive.
export async function* limited(
  chunks: AsyncIterable<Buffer>,
  limits: SizeLimits | undefined,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (limits) checkSize(bytes, limits, 'growing');
    yield chunk;
  }
  if (limits) checkSize(bytes, limits, 'whole');
}

export function checkSize(bytes: number, { min, max }: SizeLimits, state: 'growing' | 'whole'): void {
  if (bytes > max) {
    throw new StorageError(
      400,
      'invalid',
      `Your proposed upload is larger than the maximum of ${max} bytes.`,
      {
        xmlCode: 'EntityTooLarge',
      },
    );
  }
  if (state === 'whole' && bytes < min) {
    throw new StorageError(
      400,
      'invalid',
      `Your proposed upload is smaller than the minimum of ${min} bytes.`,
      {
        xmlCode: 'EntityTooSmall',
      },
    );
  }
}

/** The XML API's entity tag: the MD5 of the bytes in hexadecimal. */
export const xmlEtag = ({ md5, crc32c }: StoredObject): string =>
  `"${Buffer.from(md5 ?? crc32c, 'base64').toString('hex')}"`;

/** Header names take less than keys of metadata do: what does not fit is only in the JSON API, as in production. */
export function metadataHeaders({ fields }: StoredObject): Record<string, string> {
  const fitting = Object.entries(fields.metadata ?? {}).filter(([key]) => /^[\w!#$%&'*+.^`|~-]+$/.test(key));
  return Object.fromEntries(fitting.map(([key, value]) => [`x-goog-meta-${key}`, headerText(value)]));
}
