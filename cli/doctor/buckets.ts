import { z } from 'zod';
import { LABEL_PICTURES } from '../../shared/results/labels/label.ts';
import { APPLY, broken, error, type Finding, orAllWell, type Rule, warning } from './finding.ts';
import { type GoogleApi, type Looked, unseenOf } from './google-api.ts';
import { grantFindings, policy, serviceAccount, type Wanted } from './iam.ts';
import type { BucketKey, FunctionName, Names } from './names.ts';

const bucketShape = z.looseObject({
  projectNumber: z.string().optional(),
  location: z.string().default(''),
  locationType: z.string().optional(),
  iamConfiguration: z
    .looseObject({
      uniformBucketLevelAccess: z.looseObject({ enabled: z.boolean().optional() }).optional(),
      publicAccessPrevention: z.string().optional(),
    })
    .optional(),
  versioning: z.looseObject({ enabled: z.boolean().optional() }).optional(),
  softDeletePolicy: z.looseObject({ retentionDurationSeconds: z.coerce.number().optional() }).optional(),
  lifecycle: z
    .looseObject({
      rule: z
        .array(
          z.looseObject({
            action: z.looseObject({ type: z.string().optional() }).optional(),
            condition: z
              .looseObject({
                age: z.number().optional(),
                matchesPrefix: z.array(z.string()).optional(),
              })
              .optional(),
          }),
        )
        .default([]),
    })
    .optional(),
});

export type Bucket = z.infer<typeof bucketShape>;

/** Otherwise roles that hold under a condition come under made-up names. */
const WITH_CONDITIONS = 'optionsRequestedPolicyVersion=3';

/** As in terraform/modules/pipeline/accounts.tf. */
const GRANTS: readonly {
  bucket: BucketKey;
  fn: FunctionName;
  role: string;
  without: string;
  /** Where in the bucket, when not everywhere. */
  below?: string;
}[] = [
  {
    bucket: 'uploads',
    fn: 'resize-image',
    role: 'roles/storage.objectViewer',
    without: 'no upload can be read',
  },
  {
    bucket: 'uploads',
    fn: 'sweep',
    role: 'roles/storage.objectViewer',
    without: 'stuck uploads are not found',
  },
  { bucket: 'uploads', fn: 'api', role: 'roles/storage.objectUser', without: 'nobody can upload by it' },
  {
    bucket: 'prepared',
    fn: 'resize-image',
    role: 'roles/storage.objectUser',
    without: 'no prepared picture can be stored',
  },
  {
    bucket: 'prepared',
    fn: 'analyze-image',
    role: 'roles/storage.objectViewer',
    without: 'no prepared picture can be read',
  },
  {
    bucket: 'prepared',
    fn: 'batch',
    role: 'roles/storage.objectUser',
    without: 'no batch job can be sent',
  },
  {
    bucket: 'prepared',
    fn: 'sweep',
    role: 'roles/storage.objectViewer',
    without: 'stuck pictures are not found',
  },
  { bucket: 'prepared', fn: 'api', role: 'roles/storage.objectViewer', without: 'it shows no pictures' },
  {
    bucket: 'prepared',
    fn: 'api',
    role: 'roles/storage.objectUser',
    without: 'no answer can be judged right, as its picture cannot be kept',
    below: LABEL_PICTURES,
  },
];

export const lookAtBucket = (api: GoogleApi, bucket: string): Promise<Looked<Bucket>> =>
  api.get(`https://storage.googleapis.com/storage/v1/b/${bucket}`, bucketShape);

/** One bucket: its protection, its place, and who may do what with it. */
export async function examineBucket(
  api: GoogleApi,
  names: Names,
  key: BucketKey,
  looked: Looked<Bucket>,
  projectNumber: string | undefined,
): Promise<Finding[]> {
  const name = names.bucket(key);
  const url = `gs://${name}`;
  if (looked.state === 'missing') return [error(`There is no bucket ${url}.`, APPLY)];
  if (looked.state === 'unseen') return [unseenOf(url, looked)];
  const grants = grantFindings(
    url,
    await api.get(`https://storage.googleapis.com/storage/v1/b/${name}/iam?${WITH_CONDITIONS}`, policy),
    wantedOn(names, key),
    `gcloud storage buckets remove-iam-policy-binding ${url}`,
  );
  const { region } = names;
  return orAllWell(
    [
      ...bucketRules(url, looked.value, region, projectNumber),
      ...(key === 'prepared' ? broken([spares(url, looked.value)]) : []),
      ...grants,
    ],
    `${url} is private and keeps replaced objects; its accounts may use it.`,
  );
}

function bucketRules(
  url: string,
  bucket: Bucket,
  region: string,
  projectNumber: string | undefined,
): Finding[] {
  const update = `gcloud storage buckets update ${url}`;
  const { iamConfiguration: iam, versioning, softDeletePolicy, lifecycle } = bucket;
  return broken([
    {
      holds: !projectNumber || !bucket.projectNumber || bucket.projectNumber === projectNumber,
      otherwise: error(`${url} belongs to another project (number ${bucket.projectNumber}).`, APPLY),
    },
    {
      holds: bucket.location.toLowerCase() === region,
      otherwise: warning(
        `${url} lies in ${bucket.location.toLowerCase()}, the functions in ${region}: every picture travels.`,
        `Say where it is to be (region in terraform/terraform.tfvars), then: ${APPLY}`,
      ),
    },
    {
      holds: iam?.uniformBucketLevelAccess?.enabled === true,
      otherwise: error(
        `${url} has no uniform access: single objects can be made public.`,
        `${update} --uniform-bucket-level-access`,
      ),
    },
    {
      holds: iam?.publicAccessPrevention === 'enforced',
      otherwise: error(`${url} does not prevent public access.`, `${update} --public-access-prevention`),
    },
    {
      holds: versioning?.enabled === true,
      otherwise: warning(`${url} keeps no replaced or deleted objects.`, `${update} --versioning`),
    },
    {
      holds: (softDeletePolicy?.retentionDurationSeconds ?? 0) > 0,
      otherwise: warning(
        `${url} has no soft delete: a deleted bucket is gone.`,
        `${update} --soft-delete-duration=14d`,
      ),
    },
    {
      holds: lifecycle?.rule.some(({ action }) => action?.type === 'AbortIncompleteMultipartUpload') === true,
      otherwise: warning(`${url} keeps uploads that were never finished, and they are billed.`, APPLY),
    },
  ]);
}

/** Pictures of labels have an age of their own, or none; a rule that reaches all of the bucket is from before there were labels. */
const spares = (url: string, { lifecycle }: Bucket): Rule => ({
  holds: !lifecycle?.rule.some(
    ({ action, condition }) =>
      action?.type === 'Delete' &&
      condition?.age !== undefined &&
      (condition.matchesPrefix ?? ['']).some(
        (prefix) => prefix !== LABEL_PICTURES && LABEL_PICTURES.startsWith(prefix),
      ),
  ),
  otherwise: warning(
    `${url} deletes the pictures of labels with the prepared ones: the labels lose them.`,
    APPLY,
  ),
});

function wantedOn(names: Names, key: BucketKey): Wanted[] {
  const command = `gcloud storage buckets add-iam-policy-binding gs://${names.bucket(key)}`;
  if (key === 'source') {
    const member = serviceAccount(names.buildAccount);
    return [{ member, role: 'roles/storage.objectViewer', without: 'no function can be built', command }];
  }
  return GRANTS.filter(({ bucket }) => bucket === key).map(({ fn, role, without, below }) => ({
    member: serviceAccount(names.account(fn)),
    role,
    without,
    command: below === undefined ? command : `${command} ${onlyBelow(names.bucket(key), below)}`,
  }));
}

const onlyBelow = (bucket: string, prefix: string): string =>
  `--condition='title=only_${prefix.replace('/', '')},expression=resource.name.startsWith("projects/_/buckets/${bucket}/objects/${prefix}")'`;
