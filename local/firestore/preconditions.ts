import { alreadyExists, failedPrecondition, notFound } from '../rpc/status.ts';
import type { StoredDocument } from './documents.ts';
import { documentName } from './names.ts';
import { fromWireTime, type WirePrecondition } from './wire.ts';

/** Throws NOT_FOUND, ALREADY_EXISTS or FAILED_PRECONDITION when `current` is not what the write expects. */
export function checkPrecondition(
  expected: WirePrecondition | undefined,
  current: StoredDocument | undefined,
  database: string,
  path: string,
): void {
  if (!expected) return;
  const name = documentName(database, path);
  if (expected.updateTime) {
    const base = fromWireTime(expected.updateTime);
    if (current?.updateTime === base) return;
    throw failedPrecondition(
      current
        ? `the stored version (${current.updateTime}) of ${name} does not match the required base version (${base})`
        : `no document ${name}: the required base version was ${base}`,
    );
  }
  if (expected.exists === true && !current) throw notFound(`no entity to update: ${name}`);
  if (expected.exists === false && current) throw alreadyExists(`entity already exists: ${name}`);
}
