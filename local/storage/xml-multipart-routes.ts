import { escaped } from '../../shared/base/markup.ts';
import { type Call, type Service, sendEmpty } from './call.ts';
import { invalid, StorageError } from './errors.ts';
import { MAX_PARTS, type MultipartUpload, type NamedPart, partTag } from './multipart-uploads.ts';
import { bodyOf, readText } from './request-body.ts';
import { targetFrom } from './xml-headers.ts';

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

export const isMultipart = ({ query }: Call): boolean => query.has('uploads') || query.has('uploadId');

/** `/BUCKET/OBJECT?uploads` and `?uploadId=...`: https://cloud.google.com/storage/docs/multipart-uploads */
export async function multipartRoute(
  service: Service,
  call: Call,
  object: { bucket: string; name: string },
): Promise<void> {
  const { multiparts } = service;
  if (call.query.has('uploads')) {
    if (call.method !== 'POST') throw notAllowed(call);
    service.count('multipartStart');
    return sendStarted(call, multiparts.start(targetFrom(call, object.bucket, object.name)));
  }
  const upload = multiparts.get(call.query.get('uploadId') ?? '', object);
  switch (call.method) {
    case 'PUT': {
      service.count('multipartPart');
      const part = await multiparts.put(upload, partNumber(call), bodyOf(call.request));
      return sendEmpty(call, 200, {
        ETag: `"${partTag(part)}"`,
        'x-goog-hash': `crc32c=${part.crc32c},md5=${part.md5}`,
      });
    }
    case 'POST':
      service.count('multipartComplete');
      return complete(service, call, upload);
    case 'DELETE':
      service.count('multipartAbort');
      await multiparts.abort(upload);
      return sendEmpty(call, 204);
    case 'GET':
      return sendXml(call, partsXml(upload));
    default:
      throw notAllowed(call);
  }
}

/** `GET /BUCKET?uploads` */
export function listUploads({ multiparts }: Service, call: Call, bucket: string): void {
  const uploads = multiparts
    .of(bucket)
    .filter(({ target }) => target.name.startsWith(call.query.get('prefix') ?? ''))
    .map(
      ({ id, target, startedAt }) =>
        `<Upload><Key>${escaped(target.name)}</Key><UploadId>${id}</UploadId><StorageClass>STANDARD</StorageClass><Initiated>${startedAt}</Initiated></Upload>`,
    );
  sendXml(
    call,
    element(
      'ListMultipartUploadsResult',
      `<Bucket>${bucket}</Bucket><IsTruncated>false</IsTruncated>${uploads.join('')}`,
    ),
  );
}

function sendStarted(call: Call, { id, target }: MultipartUpload): void {
  const { bucket, name } = target;
  sendXml(
    call,
    element(
      'InitiateMultipartUploadResult',
      `<Bucket>${bucket}</Bucket><Key>${escaped(name)}</Key><UploadId>${id}</UploadId>`,
    ),
  );
}

async function complete(service: Service, call: Call, upload: MultipartUpload): Promise<void> {
  const named = namedParts(await readText(call.request, 'XML'));
  const object = await service.multiparts.complete(upload, named);
  const { bucket, name } = object;
  const tag = `"${Buffer.from(object.crc32c, 'base64').toString('hex')}-${named.length}"`;
  call.response.setHeader('x-goog-generation', String(object.generation));
  call.response.setHeader('x-goog-hash', `crc32c=${object.crc32c}`);
  sendXml(
    call,
    element(
      'CompleteMultipartUploadResult',
      `<Location>${call.baseUrl}/${bucket}/${encodeURIComponent(name)}</Location><Bucket>${bucket}</Bucket><Key>${escaped(name)}</Key><ETag>${tag}</ETag>`,
    ),
  );
}

function namedParts(xml: string): NamedPart[] {
  return [...xml.matchAll(/<Part\b[^>]*>(.*?)<\/Part>/gs)].map(([, part = '']) => {
    const [, number] = /<PartNumber>\s*(\d+)\s*<\/PartNumber>/.exec(part) ?? [];
    const [, etag = ''] = /<ETag>\s*(.*?)\s*<\/ETag>/s.exec(part) ?? [];
    if (number === undefined) throw invalid('Every Part needs a PartNumber.');
    return { number: Number(number), etag: etag.replaceAll('&quot;', '"').replaceAll('"', '') };
  });
}

function partsXml({ id, target, parts }: MultipartUpload): string {
  const listed = Object.entries(parts)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(
      ([number, part]) =>
        `<Part><PartNumber>${number}</PartNumber><LastModified>${part.uploadedAt}</LastModified><ETag>"${partTag(part)}"</ETag><Size>${part.size}</Size></Part>`,
    );
  return element(
    'ListPartsResult',
    `<Bucket>${target.bucket}</Bucket><Key>${escaped(target.name)}</Key><UploadId>${id}</UploadId><StorageClass>STANDARD</StorageClass><IsTruncated>false</IsTruncated>${listed.join('')}`,
  );
}

function partNumber({ query }: Call): number {
  const number = Number(query.get('partNumber'));
  if (Number.isInteger(number) && number >= 1 && number <= MAX_PARTS) return number;
  throw invalid(`partNumber must be a whole number from 1 to ${MAX_PARTS}.`, 'partNumber');
}

const element = (name: string, content: string): string =>
  `<?xml version='1.0' encoding='UTF-8'?><${name} xmlns='${NAMESPACE}'>${content}</${name}>`;

function sendXml({ response }: Call, xml: string): void {
  response.writeHead(200, {
    'Content-Type': 'application/xml; charset=UTF-8',
    'Content-Length': Buffer.byteLength(xml),
  });
  response.end(xml);
}

const notAllowed = ({ method }: Call): StorageError =>
  new StorageError(405, 'methodNotAllowed', `A multipart upload takes no ${method}.`);
