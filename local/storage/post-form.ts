import { escaped } from '../../shared/base/markup.ts';
import { type Call, type Service, sendEmpty } from './call.ts';
import { readForm } from './multipart.ts';
import { checkObjectName } from './object-names.ts';
import { checkPostPolicy } from './post-policy.ts';
import { bodyOf } from './request-body.ts';
import { checkMetadataSize } from './resource.ts';
import { checkStorageClass } from './storage-classes.ts';
import type { ObjectFields, StoredObject } from './stored-object.ts';
import { refuseUnsupportedHeaders } from './unsupported.ts';
import { receive } from './uploads.ts';
import { limited, xmlEtag } from './xml-headers.ts';

const META = 'x-goog-meta-';
const FILE_NAME = /\$\{filename\}/g;

/** `POST /BUCKET` with a form: how a page uploads with a signed policy. The file is the form's last field. */
export async function postForm(service: Service, call: Call, bucket: string): Promise<void> {
  const body = bodyOf(call.request);
  try {
    const form = await readForm(body, call.request.headers['content-type']);
    const { fields } = form;
    refuseUnsupportedHeaders({
      ...Object.fromEntries(fields),
      ...(fields.has('acl') ? { 'x-goog-acl': 'acl' } : {}),
    });
    const limits = checkPostPolicy(bucket, fields, service.signingKeyPem);
    // A function: `$&` and its kin in a file's name must not mean anything.
    const name = checkObjectName(fields.get('key')?.replace(FILE_NAME, () => form.fileName));
    const target = { bucket, name, fields: objectFields(fields, form.fileType), conditions: {}, hashes: {} };
    answer(call, fields, await receive(service, limited(form.file, limits), target));
  } finally {
    await body.return?.();
  }
}

function objectFields(fields: ReadonlyMap<string, string>, fileType: string | undefined): ObjectFields {
  const metadata = Object.fromEntries(
    [...fields]
      .filter(([name]) => name.startsWith(META))
      .map(([name, value]) => [name.slice(META.length), value]),
  );
  checkMetadataSize(metadata);
  const contentType = fields.get('content-type') ?? fileType;
  const texts = {
    contentEncoding: fields.get('content-encoding'),
    contentDisposition: fields.get('content-disposition'),
    cacheControl: fields.get('cache-control'),
    customTime: fields.get('x-goog-custom-time'),
  };
  const storageClass = fields.get('x-goog-storage-class');
  return {
    ...(contentType ? { contentType } : {}),
    ...Object.fromEntries(Object.entries(texts).filter(([, value]) => value)),
    ...(storageClass ? { storageClass: checkStorageClass(storageClass) } : {}),
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
  };
}

function answer(call: Call, fields: ReadonlyMap<string, string>, object: StoredObject): void {
  const { bucket, name } = object;
  const location = `${call.baseUrl}/${bucket}/${encodeURIComponent(name)}`;
  const headers = {
    ETag: xmlEtag(object),
    Location: location,
    'x-goog-generation': String(object.generation),
  };
  const redirect = fields.get('success_action_redirect');
  if (redirect) {
    const target = new URL(redirect);
    for (const [key, value] of Object.entries({ bucket, key: name, etag: headers.ETag }))
      target.searchParams.set(key, value);
    sendEmpty(call, 303, { ...headers, Location: target.href });
    return;
  }
  const status = fields.get('success_action_status');
  if (status !== '201') {
    sendEmpty(call, status === '200' ? 200 : 204, headers);
    return;
  }
  const xml = `<?xml version='1.0' encoding='UTF-8'?><PostResponse><Location>${location}</Location><Bucket>${bucket}</Bucket><Key>${escaped(name)}</Key><ETag>${headers.ETag}</ETag></PostResponse>`;
  call.response.writeHead(201, {
    ...headers,
    'Content-Type': 'application/xml; charset=UTF-8',
    'Content-Length': Buffer.byteLength(xml),
  });
  call.response.end(xml);
}
