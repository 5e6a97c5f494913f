import { invalid, notImplemented } from './errors.ts';
import { checkLifecycle, type Lifecycle } from './lifecycle.ts';
import { checkStorageClass } from './storage-classes.ts';
import { refuseUnsupportedBucketFields } from './unsupported.ts';

/** What a client may set on a bucket, in the words of the JSON API's bucket resource. */
export interface BucketConfig {
  location?: string;
  storageClass?: string;
  labels?: Record<string, string>;
  versioning?: boolean;
  lifecycle?: Lifecycle;
  defaultEventBasedHold?: boolean;
  /** 0: deleted objects are gone at once. */
  softDeleteSeconds?: number;
  publicAccessPrevention?: string;
}

/** https://cloud.google.com/storage/docs/soft-delete: 7 to 90 days, or 0 for none. */
const SOFT_DELETE_SECONDS = { min: 7 * 86_400, max: 90 * 86_400 };
const LABEL = /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u;
const MULTI_REGIONS = new Set(['US', 'EU', 'ASIA']);
/** Of buckets whose creator names none. */
const CONFIGURED_LOCATION = 'LOCAL';

export const configOf = ({ config }: { config?: BucketConfig }): BucketConfig => config ?? {};

/** A new bucket's configuration from the request. @throws StorageError 400, 501 */
export function newConfig(resource: Record<string, unknown>): BucketConfig {
  const { location } = resource;
  return patchConfig({ location: text(location ?? 'US', 'location').toUpperCase() }, resource);
}

/** JSON merge patch: null removes, absent keeps. @throws StorageError 400, 501 */
export function patchConfig(current: BucketConfig, patch: Record<string, unknown>): BucketConfig {
  refuseUnsupportedBucketFields(patch);
  const next: BucketConfig = { ...current };
  const { location, storageClass, labels, versioning, lifecycle, softDeletePolicy } = patch;
  if (typeof location === 'string' && location.toUpperCase() !== (current.location ?? CONFIGURED_LOCATION)) {
    throw invalid('The location of a bucket cannot be changed after it was created.', 'location');
  }
  if (storageClass !== undefined) set(next, 'storageClass', storageClass, checkStorageClass);
  if (labels !== undefined) set(next, 'labels', labels, (value) => patchLabels(current.labels, value));
  if (versioning !== undefined) next.versioning = record(versioning, 'versioning')['enabled'] === true;
  if (lifecycle !== undefined) set(next, 'lifecycle', lifecycle, checkLifecycle);
  if (softDeletePolicy !== undefined) next.softDeleteSeconds = softDeleteSeconds(softDeletePolicy);
  if (patch['defaultEventBasedHold'] !== undefined)
    next.defaultEventBasedHold = patch['defaultEventBasedHold'] === true;
  const iam = record(patch['iamConfiguration'], 'iamConfiguration');
  if (record(iam['uniformBucketLevelAccess'], 'uniformBucketLevelAccess')['enabled'] === false) {
    throw notImplemented(
      'Access control lists are not available here: uniform bucket-level access stays on.',
    );
  }
  if (iam['publicAccessPrevention'] !== undefined)
    set(next, 'publicAccessPrevention', iam['publicAccessPrevention'], publicAccess);
  return next;
}

function set<Field extends keyof BucketConfig>(
  config: BucketConfig,
  field: Field,
  value: unknown,
  read: (value: unknown) => NonNullable<BucketConfig[Field]>,
): void {
  if (value === null) delete config[field];
  else config[field] = read(value);
}

function patchLabels(current: Record<string, string> = {}, patch: unknown): Record<string, string> {
  const next = { ...current };
  for (const [key, value] of Object.entries(record(patch, 'labels'))) {
    if (value === null) delete next[key];
    else next[key] = text(value, 'labels');
    if (!LABEL.test(key) || key === '' || !LABEL.test(next[key] ?? '')) {
      throw invalid(
        `Invalid label ${key}: keys and values take lower-case letters, digits, _ and -, at most 63.`,
        'labels',
      );
    }
  }
  return next;
}

function softDeleteSeconds(policy: unknown): number {
  const seconds = Number(record(policy, 'softDeletePolicy')['retentionDurationSeconds'] ?? 0);
  const { min, max } = SOFT_DELETE_SECONDS;
  if (seconds !== 0 && !(seconds >= min && seconds <= max)) {
    throw invalid(`retentionDurationSeconds must be 0 or between ${min} and ${max}.`, 'softDeletePolicy');
  }
  return seconds;
}

function publicAccess(value: unknown): string {
  if (value === 'enforced' || value === 'inherited') return value;
  if (value === 'unspecified') return 'inherited';
  throw invalid(`Invalid publicAccessPrevention: ${String(value)}`, 'iamConfiguration');
}

function record(value: unknown, name: string): Record<string, unknown> {
  if (value === null || value === undefined) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw invalid(`${name} must be an object.`, name);
  return value as Record<string, unknown>;
}

function text(value: unknown, name: string): string {
  if (typeof value !== 'string') throw invalid(`${name} must be text.`, name);
  return value;
}

/** What `patchConfig` reads, as the `storage#bucket` resource shows it. */
export function configResource(config: BucketConfig, versioningDefault: boolean): Record<string, unknown> {
  const location = config.location ?? CONFIGURED_LOCATION;
  return {
    location,
    locationType: MULTI_REGIONS.has(location) ? 'multi-region' : 'region',
    storageClass: config.storageClass ?? 'STANDARD',
    versioning: { enabled: config.versioning ?? versioningDefault },
    softDeletePolicy: { retentionDurationSeconds: String(config.softDeleteSeconds ?? 0) },
    ...(config.labels && Object.keys(config.labels).length > 0 ? { labels: config.labels } : {}),
    ...(config.lifecycle ? { lifecycle: config.lifecycle } : {}),
    ...(config.defaultEventBasedHold ? { defaultEventBasedHold: true } : {}),
  };
}
