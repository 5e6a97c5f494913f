import { describe } from 'vitest';
import { at, PROJECT } from './google/addresses.ts';
import { changed, set, without, withoutRole, withRole } from './google/examine.ts';
import { APPLY, tellsOf } from './google/rows.ts';

const UPLOADS = `gs://${PROJECT}-pictures-uploads`;

describe('pipeline doctor on buckets', () => {
  tellsOf([
    [
      'a bucket',
      without(at.bucket('prepared'), at.bucketRoles('prepared'), at.notifications('prepared')),
      'error',
      /There is no bucket gs:\/\/my-project-123-pictures-prepared/,
      APPLY,
    ],
    [
      'the bucket of the sources',
      without(at.bucket('source'), at.bucketRoles('source')),
      'error',
      /There is no bucket .*-source/,
      APPLY,
    ],
    [
      'a bucket of another project',
      set(at.bucket('uploads'), 'projectNumber', '999'),
      'error',
      /belongs to another project \(number 999\)/,
      APPLY,
    ],
    [
      'a bucket elsewhere',
      set(at.bucket('prepared'), 'location', 'US'),
      'warning',
      /lies in us, the functions in europe-west1/,
      /region in terraform/,
    ],
    [
      'uniform access',
      set(at.bucket('uploads'), 'iamConfiguration.uniformBucketLevelAccess.enabled', false),
      'error',
      /no uniform access/,
      new RegExp(`^gcloud storage buckets update ${UPLOADS} --uniform-bucket-level-access$`),
    ],
    [
      'prevention of public access',
      set(at.bucket('uploads'), 'iamConfiguration.publicAccessPrevention', 'inherited'),
      'error',
      /does not prevent public access/,
      /--public-access-prevention$/,
    ],
    [
      'versions',
      set(at.bucket('uploads'), 'versioning', undefined),
      'warning',
      /keeps no replaced or deleted objects/,
      /--versioning$/,
    ],
    [
      'soft delete',
      set(at.bucket('uploads'), 'softDeletePolicy.retentionDurationSeconds', '0'),
      'warning',
      /no soft delete/,
      /--soft-delete-duration=14d$/,
    ],
    [
      'an end of unfinished uploads',
      set(at.bucket('uploads'), 'lifecycle', undefined),
      'warning',
      /never finished/,
      APPLY,
    ],
    [
      'a rule that spares the pictures of labels',
      set(at.bucket('prepared'), 'lifecycle.rule', [
        { action: { type: 'AbortIncompleteMultipartUpload' }, condition: { age: 1 } },
        { action: { type: 'Delete' }, condition: { age: 30 } },
      ]),
      'warning',
      /deletes the pictures of labels with the prepared ones/,
      APPLY,
    ],
    [
      'the right to keep pictures of labels',
      withoutRole(at.bucketRoles('prepared'), 'roles/storage.objectUser', /api/),
      'error',
      /api@.* has no roles\/storage\.objectUser on gs:\/\/.*-prepared: no answer can be judged right/,
      /--condition='title=only_labels,expression=resource\.name\.startsWith\("projects\/_\/buckets\/.*-prepared\/objects\/labels\/"\)' --member=/,
    ],
    [
      'the right to read uploads',
      withoutRole(at.bucketRoles('uploads'), 'roles/storage.objectViewer', /resize-image/),
      'error',
      /pictures-resize-image@.* has no roles\/storage\.objectViewer on gs:.*-uploads: no upload can be read\.$/,
      /^gcloud storage buckets add-iam-policy-binding gs:\/\/my-project-123-pictures-uploads --member=serviceAccount:pictures-resize-image@\S+ --role=roles\/storage\.objectViewer$/,
    ],
    [
      'a bucket open to all',
      withRole(at.bucketRoles('uploads'), 'roles/storage.objectViewer', 'allUsers'),
      'error',
      /is open to allUsers/,
      /^gcloud storage buckets remove-iam-policy-binding \S+ --member=allUsers/,
    ],
    [
      'a notification',
      set(at.notifications('uploads'), 'items', undefined),
      'error',
      /announces new objects to nobody/,
      APPLY,
    ],
    [
      'a notification that was made twice',
      changed(at.notifications('prepared'), (body) => {
        const { items } = body as unknown as { items: { id: string }[] };
        items.push({ ...items[0], id: '8' });
      }),
      'warning',
      /announces each new object 2 times/,
      /^gcloud storage buckets notifications delete projects\/_\/buckets\/my-project-123-pictures-prepared\/notificationConfigs\/8$/,
    ],
    [
      'the object in the notification',
      changed(at.notifications('prepared'), (body) =>
        Object.assign((body as unknown as { items: object[] }).items[0] ?? {}, { payload_format: 'NONE' }),
      ),
      'error',
      /does not carry the object/,
      /notificationConfigs\/7 && terraform/,
    ],
    [
      'announced deletions',
      changed(at.notifications('uploads'), (body) =>
        Object.assign((body as unknown as { items: object[] }).items[0] ?? {}, {
          event_types: ['OBJECT_FINALIZE'],
        }),
      ),
      'warning',
      /does not announce deletions/,
      /terraform/,
    ],
    [
      'a circle',
      changed(at.notifications('prepared'), (body) => {
        const { items } = body as unknown as { items: { id: string; topic: string }[] };
        items.push({ id: '9', topic: `//pubsub.googleapis.com/projects/${PROJECT}/topics/pictures-uploads` });
      }),
      'error',
      /pictures run in circles/,
      /notificationConfigs\/9$/,
    ],
  ]);
});
