import { invalidArgument } from '../rpc/status.ts';
import { isNumeric, type MapValue } from './values.ts';

/** Of a name, and of the path to a field with its dots: https://firebase.google.com/docs/firestore/quotas#collections_documents_and_fields */
const MAX_BYTES = 1500;
const MAX_VECTOR_DIMENSIONS = 2048;

/**
 * `pathBytes` is the length of the path up to this name, its dot included. Returns the length up to the name's end.
 * Throws INVALID_ARGUMENT for a name that no field can have.
 */
export function checkFieldName(name: string, pathBytes: number, isNested: boolean): number {
  if (name === '') throw invalidArgument('A field has an empty name.');
  // A nested `__type__` marks a vector.
  if (isReserved(name) && !(isNested && name === '__type__')) {
    throw invalidArgument(`The field name "${name}" is reserved: names must not match __.*__.`);
  }
  const bytes = Buffer.byteLength(name);
  if (bytes > MAX_BYTES) {
    throw invalidArgument(`The field name "${name.slice(0, 80)}..." is longer than ${MAX_BYTES} bytes.`);
  }
  if (pathBytes + bytes > MAX_BYTES) {
    throw invalidArgument(`The path to the field "${name.slice(0, 80)}" is longer than ${MAX_BYTES} bytes.`);
  }
  return pathBytes + bytes;
}

const isReserved = (name: string) => name.length >= 4 && name.startsWith('__') && name.endsWith('__');

/** Throws INVALID_ARGUMENT for a map with `__type__` that is no vector. */
export function checkVector(map: MapValue): void {
  const { __type__: type, value } = map;
  if (type !== '__vector__') throw invalidArgument('The field name "__type__" is reserved.');
  if (!Array.isArray(value) || !value.every(isNumeric)) throw invalidArgument('A vector holds numbers only.');
  if (value.length === 0 || value.length > MAX_VECTOR_DIMENSIONS) {
    throw invalidArgument(`A vector has from 1 to ${MAX_VECTOR_DIMENSIONS} dimensions, not ${value.length}.`);
  }
}
