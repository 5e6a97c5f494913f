import { type Call, generationFrom, type Service, sendEmpty, sendJson } from './call.ts';
import { composeObject, copyObject, moveObject } from './copies.ts';
import { sendContent } from './downloads.ts';
import { checkEntityTag } from './entity-tags.ts';
import { invalid, noSuchObject, required } from './errors.ts';
import { flag, listingQueryFrom, listObjects } from './listing.ts';
import type { ObjectAddress } from './object-store.ts';
import { checkPreconditions, preconditionsFrom } from './preconditions.ts';
import { readJson } from './request-body.ts';
import { etag, fieldsFrom, objectResource, patchFields } from './resource.ts';
import { resumableRoute, startResumable } from './resumable-routes.ts';
import type { StoredObject } from './stored-object.ts';
import { uploadMedia, uploadMultipart } from './uploads.ts';

/** `/b/BUCKET/o`; false: no such operation. */
export async function objectsRoute(service: Service, call: Call, bucket: string): Promise<boolean> {
  if (call.query.has('upload_id')) {
    await resumableRoute(service, call);
    return true;
  }
  switch (call.method) {
    case 'GET':
      service.count('list');
      list(service, call, bucket);
      return true;
    case 'POST':
      await insertRoute(service, call, bucket);
      return true;
    default:
      return false;
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

/** `/b/BUCKET/o/OBJECT[/ACTION...]`; false: no such operation. */
export async function objectRoute(
  service: Service,
  call: Call,
  { bucket, name }: { bucket: string; name: string },
  [action, ...path]: string[],
): Promise<boolean> {
  const generation = generationFrom(call.query);
  const address = { bucket, name, ...(generation === undefined ? {} : { generation }) };
  if (action === undefined) return wholeObjectRoute(service, call, address);
  if (call.method !== 'POST') return false;
  switch (action) {
    case 'compose':
      service.count('compose');
      sendObject(
        call,
        await composeObject(service, address, preconditionsFrom(call.query), await readJson(call.request)),
      );
      return true;
    case 'restore':
      service.count('restore');
      if (generation === undefined) throw required('generation');
      sendObject(call, service.store.restore({ bucket, name, generation }, preconditionsFrom(call.query)));
      return true;
    default:
      return transferRoute(service, call, address, action, path);
  }
}

async function wholeObjectRoute(service: Service, call: Call, address: ObjectAddress): Promise<boolean> {
  const { store, count } = service;
  const conditions = preconditionsFrom(call.query);
  switch (call.method) {
    case 'GET':
    case 'HEAD':
      await readRoute(service, call, address);
      return true;
    case 'PATCH': {
      count('patch');
      const patch = await readJson(call.request);
      checkTag(call, store.get(address));
      sendObject(
        call,
        store.update(address, conditions, (fields) => patchFields(fields, sameClass(fields, patch))),
      );
      return true;
    }
    case 'PUT': {
      count('update');
      const resource = await readJson(call.request);
      checkTag(call, store.get(address));
      sendObject(
        call,
        store.update(address, conditions, (fields) => fieldsFrom(sameClass(fields, resource))),
      );
      return true;
    }
    case 'DELETE':
      count('delete');
      checkTag(call, store.get(address));
      store.delete(address, conditions);
      sendEmpty(call, 204);
      return true;
    default:
      return false;
  }
}

async function readRoute(service: Service, call: Call, address: ObjectAddress): Promise<void> {
  const media = call.query.get('alt') === 'media';
  service.count(media ? 'download' : 'get');
  const object = flag(call.query, 'softDeleted')
    ? softDeletedObject(service, address)
    : service.store.get(address);
  checkPreconditions(preconditionsFrom(call.query), object, 'read');
  checkTag(call, object);
  if (media) await sendContent(service, call, object);
  else sendObject(call, object);
}

function softDeletedObject({ store }: Service, { bucket, name, generation }: ObjectAddress): StoredObject {
  if (generation === undefined) throw required('generation');
  const found = store.softDeleted(bucket).find((one) => one.name === name && one.generation === generation);
  if (found === undefined) throw noSuchObject(bucket, name);
  return found;
}

/** `rewriteTo`, `copyTo` and `moveTo`. */
async function transferRoute(
  service: Service,
  call: Call,
  source: ObjectAddress,
  action: string,
  path: string[],
): Promise<boolean> {
  const [name, ...rest] = [...path].reverse();
  const form = `${action}/${rest.reverse().join('/')}`;
  const bucket = action === 'moveTo' ? source.bucket : (path[1] ?? '');
  const known = [`rewriteTo/b/${bucket}/o`, `copyTo/b/${bucket}/o`, 'moveTo/o'];
  if (!known.includes(form) || name === undefined) return false;
  const generation = generationFrom(call.query, 'sourceGeneration');
  const transfer = {
    source: { bucket: source.bucket, name: source.name, ...(generation === undefined ? {} : { generation }) },
    sourceConditions: preconditionsFrom(call.query, 'ifSource'),
    target: { bucket, name },
    conditions: preconditionsFrom(call.query),
    resource: action === 'moveTo' ? {} : await readJson(call.request),
  };
  service.count(action.replace(/To$/, ''));
  if (action === 'moveTo') {
    sendObject(call, await moveObject(service, transfer));
    return true;
  }
  const object = await copyObject(service, transfer);
  if (action === 'copyTo') sendObject(call, object);
  else {
    sendJson(call, {
      kind: 'storage#rewriteResponse',
      totalBytesRewritten: String(object.size),
      objectSize: String(object.size),
      done: true,
      resource: objectResource(object, call.baseUrl),
    });
  }
  return true;
}

// Clients send the class back that they read; another one takes a rewrite, as in production.
function sameClass(
  fields: { storageClass?: string },
  resource: Record<string, unknown>,
): Record<string, unknown> {
  const { storageClass = 'STANDARD' } = fields;
  const wanted = resource['storageClass'];
  if (wanted === undefined || wanted === null || wanted === storageClass) {
    return fields.storageClass === undefined
      ? { ...resource, storageClass: undefined }
      : { ...resource, storageClass };
  }
  throw invalid('The storage class of an object changes by rewriting it onto itself.', 'storageClass');
}

const checkTag = (call: Call, object: StoredObject): void =>
  checkEntityTag(call, { etag: etag(object.generation, object.metageneration), updated: object.updated });

function sendObject(call: Call, object: StoredObject): void {
  call.response.setHeader('ETag', etag(object.generation, object.metageneration));
  sendJson(call, objectResource(object, call.baseUrl));
}
