import { type Call, decodeSegment, generationFrom, header, type Service, sendEmpty } from './call.ts';
import { headerText, sendContent } from './downloads.ts';
import { checkEntityTag } from './entity-tags.ts';
import { invalid, notImplemented, StorageError } from './errors.ts';
import { checkObjectName } from './object-names.ts';
import { postForm } from './post-form.ts';
import { checkPreconditions, preconditionsFromHeaders } from './preconditions.ts';
import { bodyOf } from './request-body.ts';
import { openSession } from './resumable-routes.ts';
import { checkSignedUrl, isSigned } from './signed-url.ts';
import { refuseUnsupportedHeaders } from './unsupported.ts';
import type { UploadTarget } from './upload-target.ts';
import { receive } from './uploads.ts';
import { checkSize, limited, metadataHeaders, sizeLimits, targetFrom, xmlEtag } from './xml-headers.ts';
import { isMultipart, listUploads, multipartRoute } from './xml-multipart-routes.ts';

/**
 * `/BUCKET/path`: what signed URLs point to, and what the Go client reads from. A signature that is there must hold; a
 * call without one is answered like one to the JSON API, which asks nobody on this machine for a token either.
 */
export async function xmlApi(service: Service, call: Call): Promise<void> {
  if (isSigned(call.query)) checkSignedUrl(call, service.signingKeyPem);
  else refuseForeignSignature(call);
  refuseUnsupportedHeaders(call.request.headers);
  const [, bucketPart = '', ...path] = call.path.split('/');
  const bucket = decodeSegment(bucketPart);
  service.store.buckets.get(bucket);
  if (path.join('') === '') return bucketRoute(service, call, bucket);
  const name = checkObjectName(decodeSegment(path.join('/')));
  if (isMultipart(call)) return multipartRoute(service, call, { bucket, name });
  switch (call.method) {
    case 'GET':
    case 'HEAD':
      service.count(isSigned(call.query) ? 'signedDownload' : 'download');
      return get(service, call, bucket, name);
    case 'PUT':
      service.count(isSigned(call.query) ? 'signedUpload' : 'insert');
      return put(service, call, targetFrom(call, bucket, name));
    case 'POST':
      service.count(isSigned(call.query) ? 'signedResumableStart' : 'resumableStart');
      return startResumable(service, call, targetFrom(call, bucket, name));
    case 'DELETE':
      service.count(isSigned(call.query) ? 'signedDelete' : 'delete');
      service.store.delete({ bucket, name }, preconditionsFromHeaders(call.request.headers));
      return sendEmpty(call, 204);
    default:
      throw new StorageError(405, 'methodNotAllowed', `The XML API takes no ${call.method} here.`);
  }
}

async function bucketRoute(service: Service, call: Call, bucket: string): Promise<void> {
  const form = /^multipart\/form-data\b/i.test(header(call.request, 'content-type') ?? '');
  if (call.method === 'POST' && form) {
    service.count('postForm');
    return postForm(service, call, bucket);
  }
  if (call.method === 'HEAD') return sendEmpty(call, 200);
  if (call.method === 'GET' && call.query.has('uploads')) return listUploads(service, call, bucket);
  throw notImplemented(
    `${call.method} of a bucket is not available by the XML API here; the JSON API has it.`,
  );
}

// Reading on without checking would accept what production refuses.
function refuseForeignSignature({ request }: Call): void {
  if (/^(?:AWS4-HMAC|GOOG4-HMAC|AWS |GOOG1 )/.test(header(request, 'authorization') ?? '')) {
    throw notImplemented(
      'HMAC keys are not available on the local server; use a Bearer token or a V4 signed URL.',
    );
  }
}

async function get(service: Service, call: Call, bucket: string, name: string): Promise<void> {
  const generation = generationFrom(call.query);
  const object = service.store.get({ bucket, name, ...(generation === undefined ? {} : { generation }) });
  checkPreconditions(preconditionsFromHeaders(call.request.headers), object, 'read');
  checkEntityTag(call, { etag: xmlEtag(object), updated: object.updated });
  const disposition = call.query.get('response-content-disposition');
  const type = call.query.get('response-content-type');
  await sendContent(service, call, object, {
    ETag: xmlEtag(object),
    ...metadataHeaders(object),
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
    throw invalid('A POST to an object must carry the header x-goog-resumable: start.');
  }
  await openSession(service, call, target, 201);
}
