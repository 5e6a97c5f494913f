import { invalidArgument } from '../rpc/status.ts';
import { GeoPoint, type MapValue, Reference, Timestamp, type Value } from './values.ts';

/** 1 MiB: https://firebase.google.com/docs/firestore/quotas#collections_documents_and_fields */
const MAX_DOCUMENT_BYTES = 1_048_576;

/** 1 MiB less 89 bytes. */
const MAX_VALUE_BYTES = 1_048_487;

/** Longer values are cut to this in an index. */
export const MAX_INDEXED_VALUE_BYTES = 1_500;

/**
 * Throws INVALID_ARGUMENT for a document larger than 1 MiB, counted as Firestore bills it, and for a field larger than
 * that allows. Returns the document's bytes.
 */
export function checkDocumentSize(path: string, fields: MapValue): number {
  const bytes = nameSize(path) + fieldsSize(fields) + 32;
  if (bytes > MAX_DOCUMENT_BYTES) {
    throw invalidArgument(
      `The document "${path}" has ${bytes} bytes, more than the maximum of ${MAX_DOCUMENT_BYTES} bytes.`,
    );
  }
  if (bytes > MAX_VALUE_BYTES) checkFieldSizes(fields);
  return bytes;
}

function checkFieldSizes(fields: MapValue): void {
  for (const key in fields) {
    if (valueSize(fields[key] ?? null) <= MAX_VALUE_BYTES) continue;
    throw invalidArgument(`The value of "${key}" is longer than the maximum of ${MAX_VALUE_BYTES} bytes.`);
  }
}

const stringSize = (text: string) => Buffer.byteLength(text) + 1;

export const nameSize = (path: string) =>
  path.split('/').reduce((sum, segment) => sum + stringSize(segment), 16);

function fieldsSize(map: MapValue): number {
  let sum = 0;
  for (const key in map) sum += stringSize(key) + valueSize(map[key] ?? null);
  return sum;
}

/** https://firebase.google.com/docs/firestore/storage-size#field-size */
export function valueSize(value: Value): number {
  if (typeof value === 'string') return stringSize(value);
  if (typeof value === 'number' || typeof value === 'bigint') return 8;
  if (value === null || typeof value === 'boolean') return 1;
  if (value instanceof Uint8Array) return value.byteLength;
  if (value instanceof Timestamp) return 8;
  if (value instanceof GeoPoint) return 16;
  if (value instanceof Reference) return nameSize(value.name);
  if (Array.isArray(value)) return value.reduce<number>((sum, element) => sum + valueSize(element), 0);
  return fieldsSize(value) + 32;
}
