import {
  type Call,
  decodeSegment,
  generationFrom,
  readJson,
  type Service,
  sendEmpty,
  sendJson,
} from './call.ts';
import { composeObject, copyObject } from './copies.ts';
import { sendContent } from './downloads.ts';
import { invalid, StorageError } from './errors.ts';
import { listingQueryFrom, listObjects } from './listing.ts';
import { notificationList } from './notifications.ts';
import { checkBucketName } from './object-names.ts';
import type { ObjectAddress } from './object-store.ts';
import { checkPreconditions, preconditionsFrom } from './preconditions.ts';
import { bucketResource, fieldsFrom, objectResource, patchFields, type StoredObject } from './resource.ts';
import { resumableRoute, startResumable } from './resumable-routes.ts';
import { uploadMedia, uploadMultipart } from './uploads.ts';

const PREFIX = /^(?:\/(?:resumable\/)?(?:upload|download))?(?:\/storage\/v1)?\/b(?=\/|$)/;

/**
 * The path below `/b`, still encoded, for each form clients use: `/b/...` (STORAGE_EMULATOR_HOST), `/storage/v1/b/...`
 * (apiEndpoint, gcloud), `/upload/storage/v1/b/...`, `/download/storage/v1/b/...`.
 */
export function jsonApiPath(path: string): string | undefined {
  const prefix = PREFIX.exec(path)?.[0];
  return prefix === undefined ? undefined : path.slice(prefix.length);
}

export async function jsonApi(service: Service, call: Call, path: string): Promise<void> {
  const [bucket, collection, ...rest] = path.split('/').slice(1).map(decodeSegment);
  if (bucket === undefined || bucket === '') return bucketsRoute(service, call);
  if (collection === undefined) return bucketRoute(service, call, bucket);
  if (collection === 'notificationConfigs') return notificationsRoute(service, call, bucket);
  if (collection === 'storageLayout') return layoutRoute(service, call, bucket);
  if (collection !== 'o') throw unknownRoute(call);
  const [name, action, ...target] = rest;
  if (name === undefined || name === '') return objectsRoute(service, call, bucket);
  const address = addressFrom(call, bucket, name);
  if (action === undefined) return objectRoute(service, call, address);
  return actionRoute(service, call, address, action, target);
}

async function bucketsRoute({ store, count }: Service, call: Call): Promise<void> {
  switch (call.request.method) {
    case 'GET': {
      count('bucketList');
      const prefix = call.query.get('prefix') ?? '';
      const items = store
        .buckets()
        .filter(({ name }) => name.startsWith(prefix))
        .map((bucket) => bucketResource(bucket, call.baseUrl, store));
      return sendJson(call, { kind: 'storage#buckets', items });
    }
    case 'POST': {
      count('bucketInsert');
      const name = checkBucketName((await readJson(call.request))['name']);
      return sendJson(call, bucketResource(store.createBucket(name), call.baseUrl, store));
    }
    default:
      throw unknownRoute(call);
  }
}

async function bucketRoute({ store, count }: Service, call: Call, bucket: string): Promise<void> {
  if (call.request.method !== 'GET') throw unknownRoute(call);
  count('bucketGet');
  sendJson(call, bucketResource(store.bucket(bucket), call.baseUrl, store));
}

async function notificationsRoute(
  { store, notifications }: Service,
  call: Call,
  bucket: string,
): Promise<void> {
  if (call.request.method !== 'GET') throw unknownRoute(call);
  store.bucket(bucket);
  sendJson(call, notificationList(notifications, bucket));
}

// gcloud asks before it moves or removes folders: a bucket with hierarchical namespace needs other calls.
function layoutRoute({ store }: Service, call: Call, bucket: string): void {
  if (call.request.method !== 'GET') throw unknownRoute(call);
  const { name } = store.bucket(bucket);
  sendJson(call, { kind: 'storage#storageLayout', bucket: name, location: 'LOCAL', locationType: 'region' });
}

async function objectsRoute(service: Service, call: Call, bucket: string): Promise<void> {
  if (call.query.has('upload_id')) return resumableRoute(service, call);
  switch (call.request.method) {
    case 'GET':
      service.count('list');
      return list(service, call, bucket);
    case 'POST':
      return insertRoute(service, call, bucket);
    default:
      throw unknownRoute(call);
  }
}

function list({ store }: Service, call: Call, bucket: string): void {
  const page = listObjects(store, bucket, listingQueryFrom(call.query));
  sendJson(call, {
    kind: 'storage#objects',
    ...(page.nextPageToken ? { nextPageToken: page.nextPageToken } : {}),
    ...(page.prefixes.length > 0 ? { prefixes: page.prefixes } : {}),
    ...(page.items.length > 0
      ? { items: page.items.map((object) => objectResource(object, call.baseUrl)) }
      : {}),
  });
}

async function insertRoute(service: Service, call: Call, bucket: string): Promise<void> {
  const uploadType = call.query.get('uploadType');
  switch (uploadType) {
    case 'media':
      service.count('insert');
      return sendObject(call, await uploadMedia(service, call, bucket));
    case 'multipart':
      service.count('insert');
      return sendObject(call, await uploadMultipart(service, call, bucket));
    case 'resumable':
      service.count('resumableStart');
      return startResumable(service, call, bucket);
    default:
      throw invalid(
        `Invalid uploadType: ${uploadType ?? 'none'}; it is media, multipart or resumable.`,
        'uploadType',
      );
  }
}

async function objectRoute(service: Service, call: Call, address: ObjectAddress): Promise<void> {
  const { store, count } = service;
  const conditions = preconditionsFrom(call.query);
  switch (call.request.method) {
    case 'GET':
    case 'HEAD': {
      const media = call.query.get('alt') === 'media';
      count(media ? 'download' : 'get');
      const object = store.get(address);
      checkPreconditions(conditions, object, 'read');
      return media ? sendContent(service, call, object) : sendObject(call, object);
    }
    case 'PATCH': {
      count('patch');
      const patch = await readJson(call.request);
      return sendObject(
        call,
        store.update(address, conditions, (fields) => patchFields(fields, patch)),
      );
    }
    case 'PUT': {
      count('update');
      const fields = fieldsFrom(await readJson(call.request));
      return sendObject(
        call,
        store.update(address, conditions, () => fields),
      );
    }
    case 'DELETE':
      count('delete');
      store.delete(address, conditions);
      return sendEmpty(call, 204);
    default:
      throw unknownRoute(call);
  }
}

async function actionRoute(
  service: Service,
  call: Call,
  source: ObjectAddress,
  action: string,
  path: string[],
): Promise<void> {
  const [collection, bucket, objects, name] = path;
  if (call.request.method !== 'POST') throw unknownRoute(call);
  if (action === 'compose') {
    service.count('compose');
    const body = await readJson(call.request);
    return sendObject(call, await composeObject(service, source, preconditionsFrom(call.query), body));
  }
  const known = (action === 'rewriteTo' || action === 'copyTo') && collection === 'b' && objects === 'o';
  if (!known || bucket === undefined || name === undefined) throw unknownRoute(call);
  service.count(action === 'copyTo' ? 'copy' : 'rewrite');
  const object = await copyObject(service, {
    source: withSourceGeneration(call, source),
    sourceConditions: preconditionsFrom(call.query, 'ifSource'),
    target: { bucket, name },
    conditions: preconditionsFrom(call.query),
    resource: await readJson(call.request),
  });
  if (action === 'copyTo') return sendObject(call, object);
  sendJson(call, {
    kind: 'storage#rewriteResponse',
    totalBytesRewritten: String(object.size),
    objectSize: String(object.size),
    done: true,
    resource: objectResource(object, call.baseUrl),
  });
}

function addressFrom(call: Call, bucket: string, name: string): ObjectAddress {
  const generation = generationFrom(call.query);
  return { bucket, name, ...(generation === undefined ? {} : { generation }) };
}

function withSourceGeneration(call: Call, source: ObjectAddress): ObjectAddress {
  const generation = generationFrom(call.query, 'sourceGeneration');
  return { bucket: source.bucket, name: source.name, ...(generation === undefined ? {} : { generation }) };
}

const sendObject = (call: Call, object: StoredObject): void =>
  sendJson(call, objectResource(object, call.baseUrl));

const unknownRoute = ({ request, path }: Call): StorageError =>
  new StorageError(
    404,
    'notFound',
    `Not Found: ${request.method} ${path} is not an operation of this server.`,
  );
