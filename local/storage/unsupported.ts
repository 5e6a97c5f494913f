import { notImplemented, StorageError } from './errors.ts';

/** Parameters that change what Cloud Storage does and that nothing here would honor. */
const PARAMETERS: Readonly<Record<string, string>> = {
  kmsKeyName: 'Customer-managed encryption keys are',
  destinationKmsKeyName: 'Customer-managed encryption keys are',
  filter: 'Filtering by object contexts is',
  restoreToken: 'Hierarchical namespace is',
  overrideUnlockedRetention: 'Object retention is',
  enableObjectRetention: 'Object retention is',
};

const ACL_PARAMETERS = ['predefinedAcl', 'predefinedDefaultObjectAcl', 'destinationPredefinedAcl'];

const PRIVATE_ACLS = new Set(['private', 'projectPrivate', 'bucketOwnerFullControl', 'bucketOwnerRead']);

const OBJECT_FIELDS: Readonly<Record<string, string>> = {
  kmsKeyName: 'Customer-managed encryption keys are',
  customerEncryption: 'Customer-supplied encryption keys are',
  contexts: 'Object contexts are',
  retention: 'Object retention is',
};

const BUCKET_FIELDS: Readonly<Record<string, string>> = {
  autoclass: 'Autoclass is',
  billing: 'Requester pays is',
  cors: 'Rules for pages of other origins are',
  customPlacementConfig: 'Dual regions are',
  encryption: 'Customer-managed encryption keys are',
  hierarchicalNamespace: 'Hierarchical namespace is',
  ipFilter: 'IP filtering is',
  logging: 'Usage logs are',
  objectRetention: 'Object retention is',
  retentionPolicy: 'Retention policies are',
  website: 'Website configuration is',
};

/**
 * What would silently have no effect is refused instead, so that nobody relies on it.
 * @throws StorageError 501, or 400 for access control lists, which production refuses on such buckets as well
 */
export function refuseUnsupportedParameters(query: URLSearchParams, of: 'bucket' | 'object'): void {
  for (const [name, what] of Object.entries(PARAMETERS)) {
    const value = query.get(name);
    if (value && value.toLowerCase() !== 'false') throw missing(what, name);
  }
  const acls = ACL_PARAMETERS.map((name) => query.get(name) ?? '').filter((acl) => acl !== '');
  // A new bucket that asks for no more than its project's access has it anyway; objects take none at all.
  if (acls.some((acl) => of === 'object' || !PRIVATE_ACLS.has(acl))) throw noAcls();
}

const HEADERS: Readonly<Record<string, string>> = {
  'x-goog-encryption-key': 'Customer-supplied encryption keys are',
  'x-goog-encryption-kms-key-name': 'Customer-managed encryption keys are',
  'x-goog-copy-source': 'Copying by the XML API is',
  'x-goog-object-lock-mode': 'Object retention is',
};

/** The XML API's words for the same. @throws StorageError 400, 501 */
export function refuseUnsupportedHeaders(headers: NodeJS.Dict<string | string[]>): void {
  for (const [name, what] of Object.entries(HEADERS))
    if (headers[name] !== undefined) throw missing(what, name);
  if (headers['x-goog-acl'] !== undefined) throw noAcls();
}

export function refuseUnsupportedObjectFields(resource: Record<string, unknown>): void {
  refuseFields(resource, OBJECT_FIELDS);
  if (isSet(resource['acl'])) throw noAcls();
}

export function refuseUnsupportedBucketFields(resource: Record<string, unknown>): void {
  refuseFields(resource, BUCKET_FIELDS);
  if (isSet(resource['acl']) || isSet(resource['defaultObjectAcl'])) throw noAcls();
  const { rpo } = resource;
  if (isSet(rpo) && rpo !== 'DEFAULT') throw missing('Turbo replication is', 'rpo');
}

function refuseFields(resource: Record<string, unknown>, known: Readonly<Record<string, string>>): void {
  for (const [name, what] of Object.entries(known)) if (isSet(resource[name])) throw missing(what, name);
}

const missing = (what: string, name: string): StorageError =>
  notImplemented(`${what} not available on the local server; leave ${name} out.`);

export const noAcls = (): StorageError =>
  new StorageError(
    400,
    'invalid',
    'Cannot use access control lists (acl, predefinedAcl): uniform bucket-level access is enabled on every bucket here, as in this deployment.',
  );

/** Clients send whole resources back: what is empty or off asks for nothing. */
function isSet(value: unknown): boolean {
  if (value === null || value === undefined || value === '' || value === false) return false;
  return typeof value === 'object' ? Object.values(value).some(isSet) : true;
}
