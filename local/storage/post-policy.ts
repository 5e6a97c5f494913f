import { createPublicKey, verify } from 'node:crypto';
import { accessDenied, StorageError } from './errors.ts';
import { parseJson } from './request-body.ts';
import type { SizeLimits } from './xml-headers.ts';

/** Fields of the form that no condition needs to name: https://cloud.google.com/storage/docs/xml-api/post-object-forms */
const FREE_FIELDS = new Set(['policy', 'x-goog-signature', 'file']);

const rejected = (message: string): StorageError =>
  new StorageError(400, 'invalid', message, { xmlCode: 'InvalidPolicyDocument' });

/**
 * Checks a form against the policy in it: signed by this key, in its time, every field as a condition says.
 * @returns the size that the file may have
 * @throws StorageError 400, 403
 */
export function checkPostPolicy(
  bucket: string,
  fields: ReadonlyMap<string, string>,
  signingKeyPem: string | undefined,
): SizeLimits | undefined {
  const policy = fields.get('policy');
  if (policy === undefined) throw rejected('The form needs a signed policy: see generateSignedPostPolicyV4.');
  if (fields.get('x-goog-algorithm') !== 'GOOG4-RSA-SHA256') {
    throw rejected('x-goog-algorithm must be GOOG4-RSA-SHA256.');
  }
  if (signingKeyPem !== undefined)
    checkSignature(policy, fields.get('x-goog-signature') ?? '', signingKeyPem);
  const { expiration, conditions } = parseJson(Buffer.from(policy, 'base64').toString('utf8'));
  const expires = Date.parse(String(expiration));
  if (!(expires > Date.now())) {
    throw new StorageError(400, 'invalid', `The policy expired at ${String(expiration)}.`, {
      xmlCode: 'ExpiredToken',
    });
  }
  if (!Array.isArray(conditions)) throw rejected('The policy needs a list of conditions.');
  return checkConditions(conditions, new Map([...fields, ['bucket', bucket]]));
}

function checkSignature(policy: string, hex: string, keyPem: string): void {
  if (verify('RSA-SHA256', Buffer.from(policy), createPublicKey(keyPem), Buffer.from(hex, 'hex'))) return;
  throw accessDenied('The signature of the policy does not match.', 'SignatureDoesNotMatch');
}

function checkConditions(
  conditions: readonly unknown[],
  fields: ReadonlyMap<string, string>,
): SizeLimits | undefined {
  const named = new Set<string>();
  let limits: SizeLimits | undefined;
  for (const condition of conditions.flatMap(asTriples)) {
    const [kind, subject, wanted] = condition;
    if (kind === 'content-length-range') {
      limits = { min: Number(subject), max: Number(wanted) };
      continue;
    }
    const name = String(subject).replace(/^\$/, '').toLowerCase();
    const value = fields.get(name) ?? '';
    named.add(name);
    const holds =
      kind === 'eq' ? value === wanted : kind === 'starts-with' && value.startsWith(String(wanted));
    if (!holds) throw rejected(`The form's field ${name} is not as the policy wants it.`);
  }
  for (const name of fields.keys()) {
    if (named.has(name) || FREE_FIELDS.has(name) || name.startsWith('x-ignore-') || name === 'bucket')
      continue;
    throw rejected(`The form's field ${name} is not in the policy.`);
  }
  return limits;
}

/** `{ "acl": "x" }` means `["eq", "$acl", "x"]`. */
function asTriples(condition: unknown): unknown[][] {
  if (Array.isArray(condition)) return [condition];
  if (typeof condition !== 'object' || condition === null)
    throw rejected('A condition is an object or a list.');
  return Object.entries(condition).map(([name, value]) => ['eq', `$${name}`, String(value)]);
}
