import { StorageError } from './errors.ts';
import type { StoredObject } from './stored-object.ts';

/** @throws StorageError 403 while a hold keeps the object */
export function checkHolds({ bucket, name, fields }: StoredObject): void {
  const hold = fields.temporaryHold ? 'Temporary' : fields.eventBasedHold ? 'Event-Based' : undefined;
  if (hold === undefined) return;
  throw new StorageError(
    403,
    'forbidden',
    `Object '${bucket}/${name}' is under active ${hold} hold and cannot be deleted, overwritten or archived until hold is removed.`,
    { xmlCode: 'ObjectUnderActiveHold' },
  );
}

/** The object as it is kept for restoring. */
export function softDeleted(object: StoredObject, keptSeconds: number): StoredObject {
  const now = Date.now();
  return {
    ...object,
    softDeleteTime: new Date(now).toISOString(),
    hardDeleteTime: new Date(now + keptSeconds * 1000).toISOString(),
  };
}
