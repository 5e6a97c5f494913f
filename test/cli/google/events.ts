import { account, at, email, NUMBER, PROJECT, PUBSUB, REGION, roles, STORAGE } from './addresses.ts';
import { type Fn, FUNCTIONS, uriOf } from './functions.ts';

const bucket = (key: string) => ({
  kind: 'storage#bucket',
  id: `${PROJECT}-pictures-${key}`,
  name: `${PROJECT}-pictures-${key}`,
  projectNumber: NUMBER,
  location: REGION.toUpperCase(),
  locationType: 'region',
  storageClass: 'STANDARD',
  iamConfiguration: {
    uniformBucketLevelAccess: { enabled: true, lockedTime: '2027-02-18T10:00:00.000Z' },
    publicAccessPrevention: 'enforced',
  },
  versioning: { enabled: true },
  softDeletePolicy: { retentionDurationSeconds: '1209600', effectiveTime: '2026-11-19T10:00:00.000Z' },
  lifecycle: {
    rule: [
      { action: { type: 'AbortIncompleteMultipartUpload' }, condition: { age: 1 } },
      ...(key === 'prepared'
        ? [
            {
              action: { type: 'Delete' },
              condition: { age: 30, isLive: true, matchesPrefix: [...'0123456789abcdef'] },
            },
          ]
        : []),
    ],
  },
});

const notification = (topic: string, types: string[]) => ({
  kind: 'storage#notifications',
  items: [
    {
      kind: 'storage#notification',
      id: '7',
      topic: `//pubsub.googleapis.com/projects/${PROJECT}/topics/${topic}`,
      event_types: types,
      payload_format: 'JSON_API_V1',
      etag: '7',
    },
  ],
});

const pushed = (id: string, fn: Fn) => ({
  name: `projects/${PROJECT}/subscriptions/pictures-${id}`,
  topic: `projects/${PROJECT}/topics/pictures-${id}`,
  pushConfig: {
    pushEndpoint: uriOf(fn),
    oidcToken: { serviceAccountEmail: email(`pictures-${fn}-push`), audience: uriOf(fn) },
    attributes: { 'x-goog-version': 'v1' },
  },
  ...(id === 'uploads' ? { filter: 'attributes.objectId != "smoke/candidate.jpg"' } : {}),
  ackDeadlineSeconds: FUNCTIONS[fn].timeout + 30,
  messageRetentionDuration: '604800s',
  expirationPolicy: {},
  deadLetterPolicy: {
    deadLetterTopic: `projects/${PROJECT}/topics/pictures-${id}-dead-letters`,
    maxDeliveryAttempts: 20,
  },
  retryPolicy: { minimumBackoff: '10s', maximumBackoff: '600s' },
  state: 'ACTIVE',
});

const deadLetters = (id: string) => ({
  name: `projects/${PROJECT}/subscriptions/pictures-${id}-dead-letters`,
  topic: `projects/${PROJECT}/topics/pictures-${id}-dead-letters`,
  pushConfig: {},
  ackDeadlineSeconds: 60,
  messageRetentionDuration: '2678400s',
  expirationPolicy: {},
  state: 'ACTIVE',
});

const BY_EVENTS = [`serviceAccount:${STORAGE}`, account('pictures-sweep')];
const PUBLISHERS = {
  uploads: BY_EVENTS,
  prepared: [...BY_EVENTS, account('pictures-batch')],
  budget: [],
  webhooks: [account('pictures-resize-image'), account('pictures-analyze-image'), account('pictures-batch')],
  batches: [account('pictures-analyze-image')],
};

/** What the api may do below labels/ only. */
const withCondition = (policy: unknown) => {
  const { bindings } = policy as { bindings: unknown[] };
  const expression = `resource.name.startsWith("projects/_/buckets/${PROJECT}-pictures-prepared/objects/labels/")`;
  return {
    ...(policy as object),
    bindings: [
      ...bindings,
      {
        role: 'roles/storage.objectUser',
        members: [account('pictures-api')],
        condition: { title: 'only_labels', expression },
      },
    ],
  };
};

/** Buckets, what they announce, and the topics that carry it. */
export function eventAnswers(): Record<string, unknown> {
  const found: Record<string, unknown> = {
    [at.storageAgent]: { kind: 'storage#serviceAccount', email_address: STORAGE },
    [at.bucketRoles('uploads')]: roles({
      'roles/storage.objectViewer': [account('pictures-resize-image'), account('pictures-sweep')],
      'roles/storage.objectUser': [account('pictures-api')],
    }),
    [at.bucketRoles('prepared')]: roles({
      'roles/storage.objectUser': [account('pictures-resize-image'), account('pictures-batch')],
      'roles/storage.objectViewer': [
        account('pictures-analyze-image'),
        account('pictures-sweep'),
        account('pictures-api'),
      ],
    }),
    [at.bucketRoles('source')]: roles({ 'roles/storage.objectViewer': [account('pictures-build')] }),
    [at.notifications('uploads')]: notification('pictures-uploads', [
      'OBJECT_FINALIZE',
      'OBJECT_ARCHIVE',
      'OBJECT_DELETE',
    ]),
    [at.notifications('prepared')]: notification('pictures-prepared', ['OBJECT_FINALIZE']),
  };
  found[at.bucketRoles('prepared')] = withCondition(found[at.bucketRoles('prepared')]);
  for (const key of ['uploads', 'prepared', 'source']) found[at.bucket(key)] = bucket(key);
  for (const [id, fn] of [
    ['uploads', 'resize-image'],
    ['prepared', 'analyze-image'],
    ['budget', 'budget-alert'],
    ['webhooks', 'webhook'],
    ['batches', 'batch'],
  ] as const) {
    found[at.topic(id)] = {
      name: `projects/${PROJECT}/topics/pictures-${id}`,
      messageRetentionDuration: '604800s',
    };
    found[`${at.topic(id)}:getIamPolicy`] = roles({
      'roles/pubsub.publisher': PUBLISHERS[id],
    });
    found[at.topic(`${id}-dead-letters`)] = {
      name: `projects/${PROJECT}/topics/pictures-${id}-dead-letters`,
    };
    found[`${at.topic(`${id}-dead-letters`)}:getIamPolicy`] = roles({ 'roles/pubsub.publisher': [PUBSUB] });
    found[at.subscription(id)] = pushed(id, fn);
    found[`${at.subscription(id)}:getIamPolicy`] = roles({ 'roles/pubsub.subscriber': [PUBSUB] });
    found[at.subscription(`${id}-dead-letters`)] = deadLetters(id);
    found[at.pushAccount(fn)] = roles({ 'roles/iam.serviceAccountOpenIdTokenCreator': [PUBSUB] });
  }
  return found;
}
