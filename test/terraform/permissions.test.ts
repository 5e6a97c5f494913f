import { describe, expect, it } from 'vitest';
import { functionNames } from '../../build/functions.ts';
import { callsOf, type Service } from './calls.ts';
import { grantsOfTerraform } from './grants.ts';

/** What each call needs (https://cloud.google.com/storage/docs/access-control/iam-json and the like for the others). */
const PERMISSIONS: Readonly<Record<string, readonly string[]>> = {
  // Without list, Cloud Storage answers 403 instead of 404 for what is not there.
  'buckets.find': ['storage.objects.get', 'storage.objects.list'],
  'buckets.exists': ['storage.objects.get', 'storage.objects.list'],
  'buckets.read': ['storage.objects.get', 'storage.objects.list'],
  'buckets.readOnlyVersion': ['storage.objects.get', 'storage.objects.list'],
  // What replaces an object deletes it.
  'buckets.create': ['storage.objects.create', 'storage.objects.delete'],
  'buckets.upload': ['storage.objects.create', 'storage.objects.delete'],
  // The right to read is needed where it is copied from, which lies in the same bucket.
  'buckets.copy': ['storage.objects.get', 'storage.objects.create', 'storage.objects.delete'],
  // Whoever uses the address acts as the account that signed it.
  'buckets.signUpload': ['storage.objects.create'],
  'buckets.list': ['storage.objects.list'],
  'buckets.delete': ['storage.objects.get', 'storage.objects.delete'],
  'pubsub.publish': ['pubsub.topics.publish'],
  'pubsub.pull': ['pubsub.subscriptions.consume'],
  'pubsub.acknowledge': ['pubsub.subscriptions.consume'],
  'pubsub.keep': ['pubsub.subscriptions.consume'],
  'buckets.openStream': ['storage.objects.get', 'storage.objects.list'],
  'documents.getMany': ['datastore.entities.get'],
  'documents.get': ['datastore.entities.get'],
  'documents.query': ['datastore.entities.get', 'datastore.entities.list'],
  'documents.count': ['datastore.entities.get', 'datastore.entities.list'],
  'documents.watch': ['datastore.entities.get', 'datastore.entities.list'],
  'documents.create': ['datastore.entities.create'],
  'documents.merge': ['datastore.entities.create', 'datastore.entities.update'],
  'documents.compareAndSet': ['datastore.entities.update'],
  'documents.commit': ['datastore.entities.create', 'datastore.entities.update', 'datastore.entities.delete'],
  'documents.delete': ['datastore.entities.delete'],
  'documents.deleteAt': ['datastore.entities.delete'],
};

/** The permissions of each role that are of use here (https://cloud.google.com/iam/docs/roles-permissions). */
const ROLES: Readonly<Record<string, readonly string[]>> = {
  'roles/storage.objectViewer': ['storage.objects.get', 'storage.objects.list'],
  'roles/storage.objectUser': [
    'storage.objects.get',
    'storage.objects.list',
    'storage.objects.create',
    'storage.objects.delete',
    'storage.objects.update',
  ],
  'roles/pubsub.publisher': ['pubsub.topics.publish'],
  'roles/pubsub.subscriber': ['pubsub.subscriptions.consume'],
  'roles/datastore.user': [
    'datastore.entities.get',
    'datastore.entities.list',
    'datastore.entities.create',
    'datastore.entities.update',
    'datastore.entities.delete',
  ],
  'roles/iam.serviceAccountTokenCreator': ['iam.serviceAccounts.signBlob'],
  'roles/aiplatform.user': ['aiplatform.endpoints.predict', 'aiplatform.batchPredictionJobs.create'],
};

type Uses = Readonly<Record<string, readonly string[]>>;

const PICTURE_TOPICS = ['topic resize-image', 'topic analyze-image'];
const DEAD_LETTERS = ['dead letters resize-image', 'dead letters analyze-image'];
const RINGS: Uses = { 'pubsub.publish': ['topic webhook'] };

/** On what each function calls Cloud Storage and Pub/Sub; all of them have the one database. */
const USES: Readonly<Record<string, Uses>> = {
  'resize-image': {
    'buckets.read': ['bucket uploads'],
    'buckets.exists': ['bucket uploads'],
    'buckets.list': ['bucket prepared'],
    'buckets.create': ['bucket prepared'],
    'buckets.delete': ['bucket prepared'],
    ...RINGS,
  },
  'analyze-image': {
    'buckets.read': ['bucket prepared'],
    'buckets.find': ['bucket prepared'],
    'pubsub.publish': ['topic webhook', 'topic batch'],
  },
  batch: {
    'buckets.find': ['bucket prepared'],
    'buckets.read': ['bucket prepared'],
    'buckets.readOnlyVersion': ['bucket prepared'],
    'buckets.upload': ['bucket prepared'],
    'buckets.list': ['bucket prepared'],
    'buckets.openStream': ['bucket prepared'],
    'buckets.delete': ['bucket prepared'],
    'pubsub.publish': ['topic webhook', 'topic analyze-image'],
  },
  api: {
    'buckets.upload': ['bucket uploads'],
    'buckets.signUpload': ['bucket uploads'],
    'buckets.find': ['bucket uploads', 'bucket prepared'],
    'buckets.readOnlyVersion': ['bucket prepared'],
    'buckets.delete': ['bucket uploads', 'labels in bucket prepared'],
    'buckets.copy': ['labels in bucket prepared'],
    'buckets.exists': ['bucket prepared'],
    'buckets.list': ['bucket prepared'],
    'pubsub.publish': PICTURE_TOPICS,
    'pubsub.pull': DEAD_LETTERS,
    'pubsub.acknowledge': DEAD_LETTERS,
    'pubsub.keep': DEAD_LETTERS,
  },
  sweep: {
    'buckets.find': ['bucket uploads', 'bucket prepared'],
    'pubsub.publish': PICTURE_TOPICS,
  },
  'budget-alert': {},
  webhook: {},
};

const names = await functionNames();
const grants = grantsOfTerraform(names);

const permitted = (name: string, on: string): string[] =>
  [...(grants.get(name)?.get(on) ?? [])].flatMap((role) => {
    const permissions = ROLES[role];
    if (!permissions) throw new Error(`Nobody has written down what ${role} permits.`);
    return permissions;
  });

const missing = (name: string, call: string, on: string): string[] =>
  (PERMISSIONS[call] ?? [`the permission of ${call}`])
    .filter((permission) => !permitted(name, on).includes(permission))
    .map((permission) => `${call} on ${on}: ${permission}`);

const callsTo = (name: string, ...services: Service[]): string[] =>
  [...callsOf(name)].filter((call) => services.includes(call.split('.')[0] as Service)).sort();

describe.each(names)('the account of %s', (name) => {
  const uses = USES[name] ?? {};

  it('is known for every call of Cloud Storage and Pub/Sub that its code makes', () => {
    expect(callsTo(name, 'buckets', 'pubsub')).toEqual(Object.keys(uses).sort());
  });

  it('may make every one of them', () => {
    const refused = Object.entries(uses).flatMap(([call, on]) =>
      on.flatMap((one) => missing(name, call, one)),
    );
    expect(refused).toEqual([]);
  });

  it('may make every call of Firestore', () => {
    const calls = callsTo(name, 'documents').filter((call) => call !== 'documents.close');
    expect(calls.length).toBeGreaterThan(0);
    expect(calls.flatMap((call) => missing(name, call, 'project'))).toEqual([]);
  });

  it('has no role on a bucket, a topic or a subscription that no call needs', () => {
    const used = Object.values(uses).flat();
    const idle = [...(grants.get(name)?.keys() ?? [])].filter(
      (on) => !used.includes(on) && on !== 'project' && on !== 'account api',
    );
    expect(idle).toEqual([]);
  });
});

it('lets the api sign addresses to upload to, and nobody else', () => {
  const signing = names.filter((name) => callsOf(name).has('buckets.signUpload'));
  expect(signing).toEqual(['api']);
  expect(permitted('api', 'account api')).toContain('iam.serviceAccounts.signBlob');
  expect(names.filter((name) => name !== 'api' && grants.get(name)?.has('account api'))).toEqual([]);
});
