import { bodyOf, type Call, decodeSegment, generationFrom, header, type Service, sendEmpty } from './call.ts';
import { headerText, sendContent } from './downloads.ts';
import { accessDenied, invalid, StorageError } from './errors.ts';
import { checkObjectName } from './object-names.ts';
import { checkPreconditions, preconditionsFromHeaders } from './preconditions.ts';
import type { ObjectFields, StoredObject } from './resource.ts';
import { openSession } from './resumable-routes.ts';
import { checkSignedUrl, isSigned } from './signed-url.ts';
import { hashesFromHeaders, receive, type UploadTarget } from './uploads.ts';

interface SizeLimits {
  min: number;
  max: number;
}

/** `/BUCKET/path`: what signed URLs point to. Nothing here is public, so an unsigned request is refused. */
export async function xmlApi(service: Service, call: Call): Promise<void> {
  if (!isSigned(call.query)) {
    throw accessDenied(
      'Anonymous caller does not have access to the object. Use a signed URL or the JSON API.',
    );
  }
  checkSignedUrl(call, service.signingKeyPem);
  const [, bucketPart = '', ...path] = call.path.split('/');
  const bucket = decodeSegment(bucketPart);
  const name = checkObjectName(decodeSegment(path.join('/')));
  service.store.bucket(bucket);
  switch (call.request.method) {
    case 'GET':
    case 'HEAD':
      service.count('signedDownload');
      return get(service, call, bucket, name);
    case 'PUT':
      service.count('signedUpload');
      return put(service, call, targetFrom(call, bucket, name));
    case 'POST':
      service.count('signedResumableStart');
      return startResumable(service, call, targetFrom(call, bucket, name));
    case 'DELETE':
      service.count('signedDelete');
      service.store.delete({ bucket, name }, preconditionsFromHeaders(call.request.headers));
      return sendEmpty(call, 204);
    default:
      throw new StorageError(405, 'methodNotAllowed', `A signed URL takes no ${call.request.method}.`);
  }
}

async function get(service: Service, call: Call, bucket: string, name: string): Promise<void> {
  const generation = generationFrom(call.query);
  const object = service.store.get({ bucket, name, ...(generation === undefined ? {} : { generation }) });
  checkPreconditions(preconditionsFromHeaders(call.request.headers), object, 'read');
  const disposition = call.query.get('response-content-disposition');
  const type = call.query.get('response-content-type');
  await sendContent(service, call, object, {
    ETag: xmlEtag(object),
    ...(disposition ? { 'Content-Disposition': headerText(disposition) } : {}),
    ...(type ? { 'Content-Type': headerText(type) } : {}),
  });
}

async function put(service: Service, call: Call, target: UploadTarget): Promise<void> {
  const limits = sizeLimits(call);
  const announced = header(call.request, 'content-length');
  if (limits && announced !== undefined) checkSize(Number(announced), limits, 'whole');
  const object = await receive(service, limited(bodyOf(call.request), limits), target);
  sendEmpty(call, 200, {
    ETag: xmlEtag(object),
    'x-goog-generation': String(object.generation),
    'x-goog-metageneration': String(object.metageneration),
    'x-goog-hash': `crc32c=${object.crc32c},md5=${object.md5}`,
    'x-goog-stored-content-encoding': object.fields.contentEncoding ?? 'identity',
    'x-goog-stored-content-length': String(object.size),
  });
}

async function startResumable(service: Service, call: Call, target: UploadTarget): Promise<void> {
  if (header(call.request, 'x-goog-resumable') !== 'start') {
    throw invalid('A signed POST must carry the header x-goog-resumable: start.');
  }
  await openSession(service, call, target, 201);
}

function targetFrom(call: Call, bucket: string, name: string): UploadTarget {
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
  const metadata = Object.keys(request.headers)
    .filter((name) => name.startsWith('x-goog-meta-'))
    .map((name) => [name.slice('x-goog-meta-'.length), header(request, name) ?? ''] as const);
  return {
    ...(contentType ? { contentType } : {}),
    ...(cacheControl ? { cacheControl } : {}),
    ...(contentDisposition ? { contentDisposition } : {}),
    ...(contentEncoding ? { contentEncoding } : {}),
    ...(metadata.length > 0 ? { metadata: Object.fromEntries(metadata) } : {}),
  };
}

/** `x-goog-content-length-range: MIN,MAX` in bytes, inclusive. */
function sizeLimits({ request }: Call): SizeLimits | undefined {
  const text = header(request, 'x-goog-content-length-range');
  if (text === undefined) return undefined;
  const [, min, max] = /^(\d+),(\d+)$/.exec(text) ?? [];
  if (min === undefined || max === undefined) throw invalid(`Invalid x-goog-content-length-range: ${text}`);
  return { min: Number(min), max: Number(max) };
}

// Announced sizes are checked before a byte is taken, chunked bodies while they arrive.
async function* limited(
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

function checkSize(bytes: number, { min, max }: SizeLimits, state: 'growing' | 'whole'): void {
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

const xmlEtag = ({ md5, crc32c }: StoredObject): string =>
  `"${Buffer.from(md5 ?? crc32c, 'base64').toString('hex')}"`;
