import { invalid } from './errors.ts';

/** https://cloud.google.com/storage/docs/storage-classes, the older names included. */
const STORAGE_CLASSES = new Set([
  'STANDARD',
  'NEARLINE',
  'COLDLINE',
  'ARCHIVE',
  'MULTI_REGIONAL',
  'REGIONAL',
  'DURABLE_REDUCED_AVAILABILITY',
]);

/** Kept and shown; bytes cost and last the same in all of them here. @throws StorageError 400 */
export function checkStorageClass(value: unknown): string {
  const name = String(value).toUpperCase();
  if (!STORAGE_CLASSES.has(name)) throw invalid(`Invalid storage class: ${String(value)}`, 'storageClass');
  return name;
}
