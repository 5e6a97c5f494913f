import { type Call, header, refuseCustomerKeys, type Service } from './call.ts';
import { commit } from './commit-upload.ts';
import type { Contents } from './contents.ts';
import { readRelated } from './multipart.ts';
import { checkObjectName } from './object-names.ts';
import type { ObjectStore } from './object-store.ts';
import { preconditionsFrom } from './preconditions.ts';
import { inflatedBodyOf, parseJson } from './request-body.ts';
import { fieldsFrom } from './resource.ts';
import type { StoredObject } from './stored-object.ts';
import type { ExpectedHashes, UploadTarget } from './upload-target.ts';

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
