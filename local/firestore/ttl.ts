import type { Documents } from './documents.ts';
import { getField, parseFieldPath } from './fields.ts';
import { documentName } from './names.ts';
import type { Store } from './store.ts';
import { Timestamp } from './values.ts';

export interface TtlField {
  collectionGroup: string;
  /** Field path of the timestamp after which a document may be deleted. */
  field: string;
}

/** Deletes documents whose TTL field lies in the past; listeners learn of it as of any deletion. Returns how many. */
export function sweepExpired(store: Store, fields: readonly TtlField[], nowMs: number): number {
  let deleted = 0;
  for (const documents of store.databases()) {
    const expired = fields.flatMap((field) => expiredPaths(documents, field, nowMs));
    const writes = expired.map((path) => ({ delete: documentName(documents.database, path) }));
    if (writes.length > 0) store.commit(documents.database, writes);
    deleted += writes.length;
  }
  return deleted;
}

function expiredPaths(documents: Documents, { collectionGroup, field }: TtlField, nowMs: number): string[] {
  const segments = parseFieldPath(field);
  const expired: string[] = [];
  for (const collection of documents.collectionPaths(collectionGroup)) {
    for (const document of documents.collection(collection)?.values() ?? []) {
      const at = getField(document.fields, segments);
      if (at instanceof Timestamp && at.seconds * 1000 + at.nanos / 1e6 <= nowMs) expired.push(document.path);
    }
  }
  return expired;
}
