import { invalidArgument } from './status.ts';
import { GeoPoint, type MapValue, Reference, Timestamp, type Value } from './values.ts';

/** 1 MiB: https://firebase.google.com/docs/firestore/quotas#collections_documents_and_fields */
export const MAX_DOCUMENT_BYTES = 1_048_576;

/** Throws INVALID_ARGUMENT for a document larger than 1 MiB, counted as Firestore bills it. */
export function checkDocumentSize(path: string, fields: MapValue): void {
  const bytes = nameSize(path) + fieldsSize(fields) + 32;
  if (bytes <= MAX_DOCUMENT_BYTES) return;
  throw invalidArgument(
    `The document "${path}" has ${bytes} bytes, more than the maximum of ${MAX_DOCUMENT_BYTES} bytes.`,
  );
}

const stringSize = (text: string) => Buffer.byteLength(text) + 1;

const nameSize = (path: string) => path.split('/').reduce((sum, segment) => sum + stringSize(segment), 16);

function fieldsSize(map: MapValue): number {
  let sum = 0;
  for (const key in map) sum += stringSize(key) + valueSize(map[key] ?? null);
  return sum;
}

/** https://firebase.google.com/docs/firestore/storage-size#field-size */
function valueSize(value: Value): number {
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
