import { batchRoute, isBatchPath } from './batch.ts';
import { bucketRoute, bucketsRoute, iamRoute } from './bucket-routes.ts';
import { type Call, decodeSegment, type Service, sendJson } from './call.ts';
import { notImplemented, StorageError } from './errors.ts';
import { notificationsRoute } from './notification-routes.ts';
import { objectRoute, objectsRoute } from './object-routes.ts';
import { noAcls, refuseUnsupportedParameters } from './unsupported.ts';

const PREFIX = /^(?:\/(?:resumable\/)?(?:upload|download))?(?:\/storage\/v1)?\/(?=b(?:\/|$))/;
const PROJECT_PREFIX = /^(?:\/storage\/v1)?\/(?=projects\/[^/]+\/(?:serviceAccount|hmacKeys)\b)/;

/** Operations of Cloud Storage that are not built, below a bucket or an object. */
const NOT_BUILT = new Set([
  'anywhereCaches',
  'bulkRestore',
  'folders',
  'lockRetentionPolicy',
  'managedFolders',
  'operations',
  'relocate',
  'watch',
]);
const ACLS = new Set(['acl', 'defaultObjectAcl']);

/**
 * The path from `b` on, still encoded, for each form clients use: `/b/...` (STORAGE_EMULATOR_HOST), `/storage/v1/b/...`
 * (apiEndpoint, gcloud), `/upload/storage/v1/b/...`, `/download/storage/v1/b/...`; or `projects/...`, or `batch`.
 */
export function jsonApiPath(path: string): string | undefined {
  if (isBatchPath(path)) return 'batch';
  const prefix = (PREFIX.exec(path) ?? PROJECT_PREFIX.exec(path))?.[0];
  return prefix === undefined ? undefined : path.slice(prefix.length);
}

export async function jsonApi(service: Service, call: Call, path: string): Promise<void> {
  const [root, ...rest] = path.split('/').map(decodeSegment);
  refuseUnsupportedParameters(call.query, rest.length > 1 ? 'object' : 'bucket');
  const answered =
    root === 'batch'
      ? await batchRoute(call)
      : root === 'projects'
        ? projectRoute(service, call, rest)
        : await belowBuckets(service, call, rest);
  if (!answered) throw unknownRoute(call);
}

async function belowBuckets(service: Service, call: Call, path: string[]): Promise<boolean> {
  const [bucket, collection, ...rest] = path;
  if (bucket === undefined || bucket === '') return bucketsRoute(service, call);
  const [name, ...action] = rest;
  switch (collection) {
    case undefined:
    case '':
      return bucketRoute(service, call, bucket);
    case 'iam':
      return iamRoute(service, call, bucket, name);
    case 'notificationConfigs':
      return notificationsRoute(service, call, bucket, name);
    case 'storageLayout':
      return layoutRoute(service, call, bucket);
    case 'managedFolders':
      return managedFoldersRoute(service, call, bucket);
    case 'o':
      if (name === undefined || name === '') return objectsRoute(service, call, bucket);
      refuseNotBuilt(action[0] ?? (call.method === 'POST' ? name : ''));
      return objectRoute(service, call, { bucket, name }, action);
    default:
      refuseNotBuilt(collection);
      return false;
  }
}

/** gcloud looks for them before it removes a bucket. There are none, since none can be made. */
function managedFoldersRoute({ store }: Service, call: Call, bucket: string): boolean {
  store.buckets.get(bucket);
  if (call.method !== 'GET') refuseNotBuilt('managedFolders');
  sendJson(call, { kind: 'storage#managedFolders' });
  return true;
}

function refuseNotBuilt(operation: string): void {
  if (ACLS.has(operation)) throw noAcls();
  if (NOT_BUILT.has(operation)) throw notImplemented(`${operation} is not available on the local server.`);
}

function projectRoute({ count }: Service, call: Call, [, resource]: string[]): boolean {
  if (resource === 'hmacKeys') {
    throw notImplemented(
      'HMAC keys are not available on the local server; sign with the service account (V4).',
    );
  }
  if (call.method !== 'GET') return false;
  count('serviceAccount');
  const email_address = 'service-0@gs-project-accounts.iam.gserviceaccount.com';
  sendJson(call, { kind: 'storage#serviceAccount', email_address });
  return true;
}

// gcloud asks before it moves or removes folders: a bucket with hierarchical namespace needs other calls.
function layoutRoute({ store }: Service, call: Call, bucket: string): boolean {
  if (call.method !== 'GET') return false;
  const { name } = store.buckets.get(bucket);
  sendJson(call, { kind: 'storage#storageLayout', bucket: name, location: 'LOCAL', locationType: 'region' });
  return true;
}

const unknownRoute = ({ method, path }: Call): StorageError =>
  new StorageError(404, 'notFound', `Not Found: ${method} ${path} is not an operation of this server.`);
