import { invalidArgument } from '../rpc/status.ts';
import { parseFieldPath } from './fields.ts';
import { decodeValue } from './value-codec.ts';
import type { Value } from './values.ts';
import type { WireFilter, WireValue } from './wire.ts';

type FieldOperator =
  | 'LESS_THAN'
  | 'LESS_THAN_OR_EQUAL'
  | 'GREATER_THAN'
  | 'GREATER_THAN_OR_EQUAL'
  | 'EQUAL'
  | 'NOT_EQUAL'
  | 'ARRAY_CONTAINS'
  | 'IN'
  | 'ARRAY_CONTAINS_ANY'
  | 'NOT_IN';

export interface FieldFilter {
  readonly kind: 'field';
  readonly fieldPath: string;
  readonly segments: readonly string[];
  readonly op: FieldOperator;
  readonly value: Value;
}

interface CompositeFilter {
  readonly kind: 'and' | 'or';
  readonly filters: readonly Filter[];
}

export type Filter = FieldFilter | CompositeFilter;

const INEQUALITIES: ReadonlySet<FieldOperator> = new Set([
  'LESS_THAN',
  'LESS_THAN_OR_EQUAL',
  'GREATER_THAN',
  'GREATER_THAN_OR_EQUAL',
  'NOT_EQUAL',
  'NOT_IN',
]);
const OPERATORS: ReadonlySet<string> = new Set([
  ...INEQUALITIES,
  'EQUAL',
  'ARRAY_CONTAINS',
  'IN',
  'ARRAY_CONTAINS_ANY',
]);
const LISTS: ReadonlySet<string> = new Set(['IN', 'NOT_IN', 'ARRAY_CONTAINS_ANY']);

export const isInequality = (op: FieldOperator) => INEQUALITIES.has(op);

/** Throws INVALID_ARGUMENT for what Firestore would not accept. */
export function decodeFilter(wire: WireFilter): Filter {
  if (wire.compositeFilter) {
    const { op, filters = [] } = wire.compositeFilter;
    if (op !== 'AND' && op !== 'OR')
      throw invalidArgument('A composite filter needs the operator AND or OR.');
    if (filters.length === 0) throw invalidArgument('A composite filter has no filters.');
    return { kind: op === 'AND' ? 'and' : 'or', filters: filters.map(decodeFilter) };
  }
  if (wire.unaryFilter) return decodeUnary(wire.unaryFilter.op, wire.unaryFilter.field.fieldPath);
  if (!wire.fieldFilter) throw invalidArgument('A filter has no type.');
  const { field, op, value } = wire.fieldFilter;
  if (LISTS.has(op)) checkList(op, value.arrayValue?.values?.length ?? 0);
  const operand = LISTS.has(op) ? decodeList(value) : decodeValue(value);
  return fieldFilter(field.fieldPath, op as FieldOperator, operand);
}

function decodeUnary(op: string, fieldPath: string): Filter {
  switch (op) {
    case 'IS_NULL':
      return fieldFilter(fieldPath, 'EQUAL', null);
    case 'IS_NAN':
      return fieldFilter(fieldPath, 'EQUAL', Number.NaN);
    case 'IS_NOT_NULL':
      return fieldFilter(fieldPath, 'NOT_EQUAL', null);
    case 'IS_NOT_NAN':
      return fieldFilter(fieldPath, 'NOT_EQUAL', Number.NaN);
  }
  throw invalidArgument(`Unknown unary operator ${op}.`);
}

function fieldFilter(fieldPath: string, op: FieldOperator, value: Value): FieldFilter {
  if (!OPERATORS.has(op)) throw invalidArgument(`Unknown operator ${op} on "${fieldPath}".`);
  return { kind: 'field', fieldPath, segments: parseFieldPath(fieldPath), op, value };
}

/** Entries may be arrays themselves; NaN equals nothing in a list. */
function decodeList(wire: WireValue): Value[] {
  return (wire.arrayValue?.values ?? [])
    .map((entry) => decodeValue(entry))
    .filter((entry) => !Number.isNaN(entry));
}

/** https://firebase.google.com/docs/firestore/query-data/queries#limitations */
function checkList(op: string, count: number): void {
  const max = op === 'NOT_IN' ? 10 : 30;
  if (count === 0) {
    throw invalidArgument(`'${op}' requires a non-empty array value.`);
  }
  if (count > max) throw invalidArgument(`'${op}' supports up to ${max} comparison values.`);
}

/** All field filters of a tree, in its order. */
export function fieldFilters(filter: Filter | undefined): FieldFilter[] {
  if (!filter) return [];
  return filter.kind === 'field' ? [filter] : filter.filters.flatMap(fieldFilters);
}

/** Throws INVALID_ARGUMENT for filters that cannot stand together. */
export function checkCombination(filter: Filter | undefined): void {
  for (const branch of disjuncts(filter)) {
    if (branch.filter(({ op }) => op === 'ARRAY_CONTAINS' || op === 'ARRAY_CONTAINS_ANY').length > 1) {
      throw invalidArgument("A maximum of 1 'ARRAY_CONTAINS' filter is allowed per disjunction.");
    }
  }
  const all = fieldFilters(filter);
  const negations = all.filter(({ op }) => op === 'NOT_EQUAL' || op === 'NOT_IN');
  if (negations.length > 1) {
    throw invalidArgument(
      "Only a single 'NOT_EQUAL', 'NOT_IN', 'IS_NOT_NAN', or 'IS_NOT_NULL' filter allowed per query.",
    );
  }
  if (!negations.some(({ op }) => op === 'NOT_IN')) return;
  if (hasOr(filter) || all.some(({ op }) => op === 'IN' || op === 'ARRAY_CONTAINS_ANY')) {
    throw invalidArgument(
      "'NOT_IN' cannot be used in the same query with 'OR', 'IN' or 'ARRAY_CONTAINS_ANY'.",
    );
  }
}

function hasOr(filter: Filter | undefined): boolean {
  if (!filter || filter.kind === 'field') return false;
  return (filter.kind === 'or' && filter.filters.length > 1) || filter.filters.some(hasOr);
}

/** The filter in disjunctive normal form: Firestore looks up each branch in an index of its own. */
export function disjuncts(filter: Filter | undefined): FieldFilter[][] {
  if (!filter) return [[]];
  if (filter.kind === 'field') return [[filter]];
  if (filter.kind === 'or') return filter.filters.flatMap(disjuncts);
  return filter.filters.reduce<FieldFilter[][]>(
    (branches, part) => branches.flatMap((left) => disjuncts(part).map((right) => [...left, ...right])),
    [[]],
  );
}
