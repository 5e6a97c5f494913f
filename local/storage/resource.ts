import { type BucketConfig, configOf, configResource } from './bucket-config.ts';
import { invalid } from './errors.ts';
import type { IamPolicy } from './iam.ts';
import { checkStorageClass } from './storage-classes.ts';
import type { ObjectFields, StoredObject } from './stored-object.ts';
import { refuseUnsupportedObjectFields } from './unsupported.ts';

export interface StoredBucket {
  name: string;
  timeCreated: string;
  /** Of the last change of its configuration or policy; absent until then. */
  updated?: string;
  metageneration?: number;
  config?: BucketConfig;
  policy?: IamPolicy;
  notifications?: readonly Notification[];
}

/** The `storage#object` JSON. Sizes, generations and metagenerations are strings. */
export function objectResource(object: StoredObject, baseUrl: string): Record<string, unknown> {
  const path = `/b/${object.bucket}/o/${encodeURIComponent(object.name)}`;
  const generation = String(object.generation);
  return {
    kind: 'storage#object',
    id: `${object.bucket}/${object.name}/${generation}`,
    selfLink: `${baseUrl}/storage/v1${path}`,
    mediaLink: `${baseUrl}/download/storage/v1${path}?generation=${generation}&alt=media`,
    name: object.name,
    bucket: object.bucket,
    generation,
    metageneration: String(object.metageneration),
    storageClass: 'STANDARD',
    ...object.fields,
    size: String(object.size),
    ...(object.md5 === undefined ? {} : { md5Hash: object.md5 }),
    crc32c: object.crc32c,
    etag: etag(object.generation, object.metageneration),
    ...(object.componentCount === undefined ? {} : { componentCount: object.componentCount }),
    timeCreated: object.timeCreated,
    updated: object.updated,
    timeFinalized: object.timeCreated,
    timeStorageClassUpdated: object.timeCreated,
    ...(object.timeDeleted === undefined ? {} : { timeDeleted: object.timeDeleted }),
    ...(object.softDeleteTime === undefined ? {} : { softDeleteTime: object.softDeleteTime }),
    ...(object.hardDeleteTime === undefined ? {} : { hardDeleteTime: object.hardDeleteTime }),
  };
}

/** The `storage#bucket` JSON. */
export function bucketResource(
  bucket: StoredBucket,
  baseUrl: string,
  options: { versioning: boolean },
): Record<string, unknown> {
  const config = configOf(bucket);
  const { metageneration = 1 } = bucket;
  return {
    kind: 'storage#bucket',
    id: bucket.name,
    selfLink: `${baseUrl}/storage/v1/b/${bucket.name}`,
    name: bucket.name,
    projectNumber: '0',
    generation: '1',
    metageneration: String(metageneration),
    etag: etag(1, metageneration),
    timeCreated: bucket.timeCreated,
    updated: bucket.updated ?? bucket.timeCreated,
    ...configResource(config, options.versioning),
    iamConfiguration: {
      publicAccessPrevention: config.publicAccessPrevention ?? 'enforced',
      uniformBucketLevelAccess: { enabled: true, lockedTime: bucket.timeCreated },
    },
  };
}

/** Production's entity tag: base64 of a protocol buffer { 1: generation, 2: metageneration }. */
export function etag(generation: number, metageneration: number): string {
  return Buffer.from([0x08, ...varint(generation), 0x10, ...varint(metageneration)]).toString('base64');
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return bytes;
}

const TEXT_FIELDS = [
  'contentType',
  'contentEncoding',
  'contentDisposition',
  'contentLanguage',
  'cacheControl',
  'customTime',
] as const;

const HOLDS = ['temporaryHold', 'eventBasedHold'] as const;
/** https://cloud.google.com/storage/quotas#objects: keys and values together. */
const MAX_METADATA_BYTES = 8 * 1024;

/** Reads the writable fields out of a request's JSON; unknown and read-only ones are ignored, as in production. */
export function fieldsFrom(body: Record<string, unknown>): ObjectFields {
  return patchFields({}, body);
}

/** JSON merge patch: null removes, absent keeps. @throws StorageError 400, or 501 for what is not built here */
export function patchFields(current: ObjectFields, patch: Record<string, unknown>): ObjectFields {
  refuseUnsupportedObjectFields(patch);
  const next: ObjectFields = { ...current };
  for (const field of TEXT_FIELDS) {
    const value = patch[field];
    if (value === null || value === '') delete next[field];
    else if (value !== undefined) next[field] = String(value);
  }
  for (const hold of HOLDS) {
    if (patch[hold] === true) next[hold] = true;
    else if (patch[hold] !== undefined) delete next[hold];
  }
  if (typeof patch['storageClass'] === 'string') next.storageClass = checkStorageClass(patch['storageClass']);
  const metadata = patch['metadata'];
  if (metadata === null) delete next.metadata;
  else if (typeof metadata === 'object') next.metadata = patchMetadata(next.metadata, metadata);
  if (next.metadata && Object.keys(next.metadata).length === 0) delete next.metadata;
  checkMetadataSize(next.metadata);
  return next;
}

/** @throws StorageError 400 */
export function checkMetadataSize(metadata: Record<string, string> = {}): void {
  const bytes = Buffer.byteLength(Object.entries(metadata).flat().join(''));
  if (bytes > MAX_METADATA_BYTES) {
    throw invalid(
      `The metadata of an object takes at most ${MAX_METADATA_BYTES} bytes; these are ${bytes}.`,
      'metadata',
    );
  }
}

function patchMetadata(current: Record<string, string> | undefined, patch: object): Record<string, string> {
  const next: Record<string, string> = { ...current };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete next[key];
    else next[key] = String(value);
  }
  return next;
}
export type EventType = 'OBJECT_FINALIZE' | 'OBJECT_DELETE' | 'OBJECT_ARCHIVE' | 'OBJECT_METADATA_UPDATE';
/** Which events of a bucket go to which topic. Without `eventTypes`: all four. */
export interface Notification {
  /** A number, unique within the bucket. */
  id: string;
  /** The topic's short name. */
  topic: string;
  project: string;
  eventTypes?: EventType[];
  objectNamePrefix?: string;
  customAttributes?: Record<string, string>;
  payloadFormat: 'JSON_API_V1' | 'NONE';
  /** Made with the server, and recreated at each start; the others were asked for by a client. */
  configured?: boolean;
}
