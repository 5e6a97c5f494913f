import { type Call, header, refuseCustomerKeys, type Service } from './call.ts';
import type { Contents, ContentWriter } from './contents.ts';
import { invalid, StorageError } from './errors.ts';
import { readRelated } from './multipart.ts';
import { checkObjectName } from './object-names.ts';
import type { ObjectStore } from './object-store.ts';
import { type Preconditions, preconditionsFrom } from './preconditions.ts';
import { inflatedBodyOf, parseJson } from './request-body.ts';
import { type Content, fieldsFrom, type ObjectFields, type StoredObject } from './resource.ts';

/** Base64, as clients send them; what is absent is not checked. */
export interface ExpectedHashes {
  md5?: string;
  crc32c?: string;
}

/** Everything about an upload but its bytes. Plain JSON: a resumable upload keeps it on disk. */
export interface UploadTarget {
  bucket: string;
  name: string;
  fields: ObjectFields;
  conditions: Preconditions;
  hashes: ExpectedHashes;
  /** Declared size in bytes. */
  size?: number;
}

/** `uploadType=media`: the body is the object, its metadata is in the query. */
export async function uploadMedia(service: Service, call: Call, bucket: string): Promise<StoredObject> {
  const { request, query } = call;
  service.store.buckets.get(bucket);
  refuseCustomerKeys(request);
  const contentType = header(request, 'content-type');
  const contentEncoding = query.get('contentEncoding');
  const target: UploadTarget = {
    bucket,
    name: checkObjectName(query.get('name') ?? undefined),
    fields: { ...(contentType ? { contentType } : {}), ...(contentEncoding ? { contentEncoding } : {}) },
    conditions: preconditionsFrom(query),
    hashes: hashesFromHeaders(call),
  };
  return receive(service, inflatedBodyOf(request), target);
}

/** `uploadType=multipart`: metadata and media in one `multipart/related` body. */
export async function uploadMultipart(service: Service, call: Call, bucket: string): Promise<StoredObject> {
  const { request, query } = call;
  service.store.buckets.get(bucket);
  refuseCustomerKeys(request);
  const body = inflatedBodyOf(request);
  try {
    const { metadata, mediaType, media } = await readRelated(body, header(request, 'content-type'));
    const resource = parseJson(metadata);
    const target: UploadTarget = {
      bucket,
      name: nameFrom(query, resource),
      fields: { ...(mediaType ? { contentType: mediaType } : {}), ...fieldsFrom(resource) },
      conditions: preconditionsFrom(query),
      hashes: { ...hashesFromResource(resource), ...hashesFromHeaders(call) },
    };
    return await receive(service, media, target);
  } finally {
    // An iterator that is left open keeps the rest of a refused body from being drained, and the connection with it.
    await body.return?.();
  }
}

export function nameFrom(query: URLSearchParams, resource: Record<string, unknown>): string {
  const inBody = resource['name'];
  return checkObjectName(query.get('name') ?? (typeof inBody === 'string' ? inBody : undefined));
}

/** Streams the bytes to disk, then commits. A body that breaks off leaves nothing. */
export async function receive(
  service: { store: ObjectStore; contents: Contents },
  chunks: AsyncIterable<Buffer>,
  target: UploadTarget,
): Promise<StoredObject> {
  const writer = await service.contents.write();
  try {
    for await (const chunk of chunks) await writer.write(chunk);
    return await commit(service, writer, target);
  } catch (error) {
    await service.contents.discard(writer);
    throw error;
  }
}

/** Checks what was received against what was promised and makes it an object. @throws StorageError 400, 412 */
export async function commit(
  { store, contents }: { store: ObjectStore; contents: Contents },
  writer: ContentWriter,
  { bucket, name, fields, conditions, hashes, size }: UploadTarget,
): Promise<StoredObject> {
  const content = await contents.finish(writer);
  try {
    checkSize(content, size);
    checkHashes(content, hashes);
    return store.insert({ bucket, name, content, fields }, conditions);
  } catch (error) {
    await contents.remove(content.contentId);
    throw error;
  }
}

function checkSize(content: Content, size: number | undefined): void {
  if (size !== undefined && size !== content.size) {
    throw invalid(`Received ${content.size} bytes, but ${size} bytes were announced.`);
  }
}

function checkHashes(content: Content, expected: ExpectedHashes): void {
  if (expected.crc32c !== undefined && expected.crc32c !== content.crc32c) {
    throw badDigest('CRC32C', expected.crc32c, content.crc32c);
  }
  if (expected.md5 !== undefined && expected.md5 !== content.md5) {
    throw badDigest('MD5 hash', expected.md5, content.md5 ?? '');
  }
}

const badDigest = (kind: string, provided: string, calculated: string): StorageError =>
  new StorageError(
    400,
    'invalid',
    `Provided ${kind} "${provided}" doesn't match calculated ${kind} "${calculated}".`,
    {
      xmlCode: 'BadDigest',
    },
  );

/** `x-goog-hash: crc32c=...,md5=...` and `content-md5`. */
export function hashesFromHeaders({ request }: Call): ExpectedHashes {
  const hashes: ExpectedHashes = {};
  for (const part of (header(request, 'x-goog-hash') ?? '').split(',')) {
    const [kind, ...value] = part.trim().split('=');
    if (kind === 'crc32c') hashes.crc32c = value.join('=');
    if (kind === 'md5') hashes.md5 = value.join('=');
  }
  const contentMd5 = header(request, 'content-md5');
  return contentMd5 === undefined ? hashes : { ...hashes, md5: contentMd5 };
}

export function hashesFromResource(resource: Record<string, unknown>): ExpectedHashes {
  const { md5Hash, crc32c } = resource;
  return {
    ...(typeof md5Hash === 'string' ? { md5: md5Hash } : {}),
    ...(typeof crc32c === 'string' ? { crc32c } : {}),
  };
}
