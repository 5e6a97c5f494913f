import { type Call, header, refuseCustomerKeys, type Service, sendEmpty, sendJson } from './call.ts';
import { invalid } from './errors.ts';
import { preconditionsFrom } from './preconditions.ts';
import { readJson } from './request-body.ts';
import { fieldsFrom, objectResource } from './resource.ts';
import { parseUploadRange } from './upload-range.ts';
import type { UploadTarget } from './upload-target.ts';
import { hashesFromHeaders, hashesFromResource, nameFrom } from './uploads.ts';

/** The client that cancels gets 499, "client closed request". */
const CANCELLED = 499;

/** `POST ?uploadType=resumable`: answers with the session's address in `Location`. */
export async function startResumable(service: Service, call: Call, bucket: string): Promise<void> {
  const { request, query } = call;
  service.store.buckets.get(bucket);
  refuseCustomerKeys(request);
  const resource = await readJson(request);
  const contentType = header(request, 'x-upload-content-type');
  const size = announcedSize(call);
  await openSession(service, call, {
    bucket,
    name: nameFrom(query, resource),
    fields: { ...(contentType ? { contentType } : {}), ...fieldsFrom(resource) },
    conditions: preconditionsFrom(query),
    hashes: hashesFromResource(resource),
    ...(size === undefined ? {} : { size }),
  });
}

/** Also the XML API's way in (`x-goog-resumable: start`), which answers 201. */
export async function openSession(
  service: Service,
  call: Call,
  target: UploadTarget,
  status = 200,
): Promise<void> {
  const id = await service.resumables.start(target);
  const query = new URLSearchParams({ uploadType: 'resumable', name: target.name, upload_id: id });
  sendEmpty(call, status, {
    Location: `${call.baseUrl}/upload/storage/v1/b/${target.bucket}/o?${query}`,
    'X-GUploader-UploadID': id,
  });
}

/** `PUT` sends bytes or asks how far the session is; `DELETE` cancels it. */
export async function resumableRoute(service: Service, call: Call): Promise<void> {
  const id = call.query.get('upload_id') ?? '';
  switch (call.method) {
    case 'PUT':
    case 'POST':
      return putBytes(service, call, id);
    case 'DELETE':
      service.count('resumableCancel');
      await service.resumables.cancel(id);
      return sendEmpty(call, CANCELLED);
    default:
      throw invalid('An upload session takes PUT and DELETE.');
  }
}

async function putBytes(service: Service, call: Call, id: string): Promise<void> {
  const range = parseUploadRange(header(call.request, 'content-range'));
  service.count(range.kind === 'status' ? 'resumableStatus' : 'resumableChunk');
  const progress = await service.resumables.put(id, call.request, range, hashesFromHeaders(call));
  if (progress.state === 'complete' && range.kind === 'bytes') service.count('insert');
  if (progress.state === 'complete') return sendJson(call, objectResource(progress.object, call.baseUrl));
  const { persisted } = progress;
  // Go's HTTP client would follow a 308 as a redirect, so its library asks for the code in a header.
  const codeInHeader = header(call.request, 'x-guploader-no-308') === 'yes';
  // No Range header at all while nothing is persisted: "0-0" would already mean one byte.
  sendEmpty(call, codeInHeader ? 200 : 308, {
    'X-GUploader-UploadID': id,
    ...(codeInHeader ? { 'X-HTTP-Status-Code-Override': '308' } : {}),
    ...(persisted > 0 ? { Range: `bytes=0-${persisted - 1}` } : {}),
  });
}

function announcedSize({ request }: Call): number | undefined {
  const text = header(request, 'x-upload-content-length');
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw invalid(`Invalid X-Upload-Content-Length: ${text}`);
  return Number(text);
}
