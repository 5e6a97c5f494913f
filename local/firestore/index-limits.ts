import { invalidArgument } from '../rpc/status.ts';
import { MAX_INDEXED_VALUE_BYTES, nameSize, valueSize } from './document-size.ts';
import { getField, parseFieldPath } from './fields.ts';
import type { CompositeIndex } from './indexes.ts';
import { NAME_FIELD } from './match.ts';
import { lastSegment, parentOf } from './names.ts';
import { isMap, type MapValue, type Value } from './values.ts';

/** https://firebase.google.com/docs/firestore/quotas#indexes */
const MAX_ENTRIES = 40_000;
const MAX_ENTRY_BYTES = 7_680;

/** No document of fewer bytes has too many entries: an element of an array takes at least one. */
const COUNT_FROM_BYTES = MAX_ENTRIES;

/**
 * Throws INVALID_ARGUMENT for a document that its indexes cannot hold: too many entries, or one that is too large.
 * Values are cut to 1,500 bytes in an index, as in production: long texts alone are no reason to refuse.
 */
export function checkIndexEntries(
  path: string,
  fields: MapValue,
  documentBytes: number,
  indexes: readonly CompositeIndex[],
): void {
  if (documentBytes > COUNT_FROM_BYTES && entriesOf(fields) > MAX_ENTRIES) {
    throw invalidArgument(
      `The document "${path}" has more than ${MAX_ENTRIES} index entries: too many fields, or too many elements of arrays.`,
    );
  }
  // The fields of an entry are part of the document, and so is the name.
  if (documentBytes <= MAX_ENTRY_BYTES) return;
  const collectionId = lastSegment(parentOf(path));
  for (const index of indexes)
    if (index.collectionGroup === collectionId) checkEntrySize(path, fields, index);
}

/** Single-field indexes: up and down for every value, one entry for every element of an array. */
function entriesOf(value: Value): number {
  if (Array.isArray(value)) return value.length;
  if (!isMap(value) || value['__type__'] !== undefined) return 2;
  return Object.values(value).reduce<number>((sum, child) => sum + entriesOf(child), 0);
}

function checkEntrySize(path: string, fields: MapValue, index: CompositeIndex): void {
  let bytes = nameSize(path);
  for (const { fieldPath } of index.fields) {
    if (fieldPath === NAME_FIELD) continue;
    const value = getField(fields, parseFieldPath(fieldPath));
    // A document that lacks one of the fields is not in the index.
    if (value === undefined) return;
    bytes += Math.min(valueSize(value), MAX_INDEXED_VALUE_BYTES);
  }
  if (bytes <= MAX_ENTRY_BYTES) return;
  const names = index.fields.map((field) => field.fieldPath).join(', ');
  throw invalidArgument(
    `The document "${path}" makes an entry of ${bytes} bytes in the index on ${names}, more than the maximum of ${MAX_ENTRY_BYTES} bytes.`,
  );
}
