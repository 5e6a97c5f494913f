import { conditionNotMet, invalid, StorageError } from './errors.ts';

/** A policy as `buckets.setIamPolicy` takes it. It is kept and shown; nothing here asks who is calling. */
export interface IamPolicy {
  version: number;
  bindings: { role: string; members: string[]; condition?: Record<string, unknown> }[];
  etag: string;
}

const PUBLIC_MEMBERS = new Set(['allUsers', 'allAuthenticatedUsers']);

/** What a new bucket has in production with uniform access. */
export const initialPolicy = (project: string): IamPolicy => ({
  version: 1,
  bindings: [
    {
      role: 'roles/storage.legacyBucketOwner',
      members: [`projectEditor:${project}`, `projectOwner:${project}`],
    },
    { role: 'roles/storage.legacyBucketReader', members: [`projectViewer:${project}`] },
  ],
  etag: etagOf(1),
});

/** The policy to keep. @throws StorageError 400, and 412 for a stale etag or for the public where that is prevented */
export function nextPolicy(
  current: IamPolicy,
  wanted: Record<string, unknown>,
  publicAccessPrevented: boolean,
): IamPolicy {
  const { etag, version, bindings = [] } = wanted;
  if (typeof etag === 'string' && etag !== '' && etag !== current.etag) throw conditionNotMet();
  if (!Array.isArray(bindings)) throw invalid('bindings must be a list.', 'bindings');
  const checked = (bindings as IamPolicy['bindings']).map(checkBinding);
  if (
    publicAccessPrevented &&
    checked.some(({ members }) => members.some((one) => PUBLIC_MEMBERS.has(one)))
  ) {
    throw new StorageError(
      412,
      'conditionNotMet',
      'The member bindings allUsers and allAuthenticatedUsers are not allowed since public access prevention is enforced.',
    );
  }
  return { version: Number(version ?? 1), bindings: checked, etag: nextEtag(current.etag) };
}

function checkBinding(binding: IamPolicy['bindings'][number]): IamPolicy['bindings'][number] {
  const { role, members = [] } = binding;
  if (typeof role !== 'string' || !Array.isArray(members)) {
    throw invalid('Every binding needs a role and a list of members.', 'bindings');
  }
  return { ...binding, members };
}

/** All that were asked for: who reaches this server may do everything. @throws StorageError 400 */
export function testedPermissions(query: URLSearchParams): string[] {
  const permissions = query.getAll('permissions');
  const unknown = permissions.find((permission) => !permission.startsWith('storage.'));
  if (unknown !== undefined) throw invalid(`Invalid permission: ${unknown}`, 'permissions');
  return permissions;
}

const etagOf = (revision: number): string => Buffer.from([0x08, revision % 128]).toString('base64');
const nextEtag = (etag: string): string => etagOf((Buffer.from(etag, 'base64')[1] ?? 0) + 1);
