import { configOf, newConfig, patchConfig } from './bucket-config.ts';
import { type Call, type Service, sendEmpty, sendJson } from './call.ts';
import { checkEntityTag } from './entity-tags.ts';
import { invalid } from './errors.ts';
import { initialPolicy, nextPolicy, testedPermissions } from './iam.ts';
import { maxResultsFrom } from './listing.ts';
import { checkBucketName, compareNames } from './object-names.ts';
import { preconditionsFrom } from './preconditions.ts';
import { readJson } from './request-body.ts';
import { bucketResource, type StoredBucket } from './resource.ts';

/** `/b`; false: no such operation. */
export async function bucketsRoute(service: Service, call: Call): Promise<boolean> {
  switch (call.method) {
    case 'GET':
      service.count('bucketList');
      listBuckets(service, call);
      return true;
    case 'POST': {
      service.count('bucketInsert');
      const resource = await readJson(call.request);
      sendBucket(
        service,
        call,
        service.store.buckets.create(checkBucketName(resource['name']), newConfig(resource)),
      );
      return true;
    }
    default:
      return false;
  }
}

function listBuckets({ store }: Service, call: Call): void {
  const prefix = call.query.get('prefix') ?? '';
  const after = call.query.get('pageToken') ?? '';
  const found = store.buckets
    .all()
    .filter(({ name }) => name.startsWith(prefix) && (after === '' || compareNames(name, after) > 0));
  const page = found.slice(0, maxResultsFrom(call.query));
  const last = page.at(-1);
  sendJson(call, {
    kind: 'storage#buckets',
    ...(last && page.length < found.length ? { nextPageToken: last.name } : {}),
    items: page.map((bucket) => bucketResource(bucket, call.baseUrl, store)),
  });
}

/** `/b/BUCKET`; false: no such operation. */
export async function bucketRoute(service: Service, call: Call, name: string): Promise<boolean> {
  const { store, count } = service;
  const conditions = preconditionsFrom(call.query);
  const bucket = store.buckets.get(name);
  const { etag } = bucketResource(bucket, call.baseUrl, store) as { etag: string };
  checkEntityTag(call, { etag, updated: bucket.updated ?? bucket.timeCreated });
  switch (call.method) {
    case 'GET':
      count('bucketGet');
      sendBucket(service, call, bucket);
      return true;
    case 'PATCH': {
      count('bucketPatch');
      const patch = await readJson(call.request);
      sendBucket(
        service,
        call,
        store.buckets.configure(name, conditions, (config) => patchConfig(config, patch)),
      );
      return true;
    }
    case 'PUT': {
      count('bucketUpdate');
      const resource = await readJson(call.request);
      // A full update forgets what it does not name, except where the bucket is.
      const whole = ({ location }: ReturnType<typeof configOf>) =>
        patchConfig(location === undefined ? {} : { location }, resource);
      sendBucket(service, call, store.buckets.configure(name, conditions, whole));
      return true;
    }
    case 'DELETE':
      count('bucketDelete');
      store.buckets.delete(name, conditions);
      sendEmpty(call, 204);
      return true;
    default:
      return false;
  }
}

/** `/b/BUCKET/iam[/testPermissions]`; false: no such operation. */
export async function iamRoute(
  { store, project, count }: Service,
  call: Call,
  name: string,
  action: string | undefined,
): Promise<boolean> {
  const bucket = store.buckets.get(name);
  const resourceId = `projects/_/buckets/${name}`;
  const current = bucket.policy ?? initialPolicy(project);
  switch (`${call.method} ${action ?? 'policy'}`) {
    case 'GET policy':
      count('iamGet');
      sendJson(call, { kind: 'storage#policy', resourceId, ...current });
      return true;
    case 'PUT policy': {
      count('iamSet');
      const wanted = await readJson(call.request);
      const prevented = (configOf(bucket).publicAccessPrevention ?? 'enforced') === 'enforced';
      const { policy } = store.buckets.setPolicy(name, nextPolicy(current, wanted, prevented));
      sendJson(call, { kind: 'storage#policy', resourceId, ...policy });
      return true;
    }
    case 'GET testPermissions': {
      const permissions = testedPermissions(call.query);
      if (permissions.length === 0) throw invalid('Name the permissions to test.', 'permissions');
      sendJson(call, { kind: 'storage#testIamPermissionsResponse', permissions });
      return true;
    }
    default:
      return false;
  }
}

function sendBucket({ store }: Service, call: Call, bucket: StoredBucket): void {
  sendJson(call, bucketResource(bucket, call.baseUrl, store));
}
