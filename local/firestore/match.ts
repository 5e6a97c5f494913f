import type { StoredDocument } from './documents.ts';
import { getField } from './fields.ts';
import type { FieldFilter, Filter } from './filters.ts';
import { documentName } from './names.ts';
import { compareValues, Reference, typeOrder, type Value } from './values.ts';

export const NAME_FIELD = '__name__';

export type ReadField = (document: StoredDocument) => Value | undefined;

/** Reads a field of a document; `__name__` is its own reference. */
export function fieldReader(database: string, fieldPath: string, segments: readonly string[]): ReadField {
  if (fieldPath === NAME_FIELD) return ({ path }) => new Reference(documentName(database, path));
  const [only = ''] = segments;
  if (segments.length === 1) {
    return ({ fields }) => (Object.hasOwn(fields, only) ? fields[only] : undefined);
  }
  return ({ fields }) => getField(fields, segments);
}

export function matcher(database: string, filter: Filter | undefined): (document: StoredDocument) => boolean {
  if (!filter) return () => true;
  if (filter.kind === 'field') {
    const read = fieldReader(database, filter.fieldPath, filter.segments);
    const test = valueTest(filter);
    return (document) => {
      const value = read(document);
      return value !== undefined && test(value);
    };
  }
  const parts = filter.filters.map((part) => matcher(database, part));
  return filter.kind === 'and'
    ? (document) => parts.every((part) => part(document))
    : (document) => parts.some((part) => part(document));
}

function valueTest({ op, value }: FieldFilter): (field: Value) => boolean {
  const list = Array.isArray(value) ? value : [];
  switch (op) {
    case 'EQUAL':
      return (field) => compareValues(field, value) === 0;
    case 'NOT_EQUAL':
      return (field) => field !== null && compareValues(field, value) !== 0;
    case 'IN':
      return (field) => isIn(field, list);
    case 'NOT_IN':
      return (field) => field !== null && !list.includes(null) && !isIn(field, list);
    case 'ARRAY_CONTAINS':
      return (field) => Array.isArray(field) && isIn(value, field);
    case 'ARRAY_CONTAINS_ANY':
      return (field) => Array.isArray(field) && field.some((element) => isIn(element, list));
    case 'LESS_THAN':
      return sameType(value, (order) => order < 0);
    case 'LESS_THAN_OR_EQUAL':
      return sameType(value, (order) => order <= 0);
    case 'GREATER_THAN':
      return sameType(value, (order) => order > 0);
    case 'GREATER_THAN_OR_EQUAL':
      return sameType(value, (order) => order >= 0);
  }
}

const isIn = (value: Value, list: readonly Value[]) =>
  list.some((entry) => compareValues(value, entry) === 0);

/** Range filters see only values of the same type as their operand, and NaN is in no range of numbers. */
function sameType(operand: Value, accept: (order: number) => boolean): (field: Value) => boolean {
  const type = typeOrder(operand);
  return (field) =>
    typeOrder(field) === type &&
    Number.isNaN(field) === Number.isNaN(operand) &&
    accept(compareValues(field, operand));
}
