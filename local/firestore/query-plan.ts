import { invalidArgument } from '../rpc/status.ts';
import type { StoredDocument } from './documents.ts';
import { parseFieldPath } from './fields.ts';
import { checkCombination, decodeFilter, type Filter, fieldFilters, isInequality } from './filters.ts';
import { fieldReader, matcher, NAME_FIELD, type ReadField } from './match.ts';
import { parseName } from './names.ts';
import { decodeValue } from './value-codec.ts';
import { comparePaths, compareStrings, compareValues, Reference, type Value } from './values.ts';
import type { WireCursor, WireQuery } from './wire.ts';

export interface Order {
  readonly fieldPath: string;
  readonly descending: boolean;
}

/** A query made ready to run: what to look through, what to keep, in which order. */
export interface QueryPlan {
  readonly database: string;
  /** Document under which the collections lie, '' = root. */
  readonly parent: string;
  /** '' = collections of any id. */
  readonly collectionId: string;
  readonly allDescendants: boolean;
  readonly filter: Filter | undefined;
  /** With the implicit orders: inequality fields, then `__name__`. */
  readonly orders: readonly Order[];
  readonly offset: number;
  /** Infinity without a limit. */
  readonly limit: number;
  /** Fields to return; undefined = all. */
  readonly projection: string[][] | undefined;
  accepts(document: StoredDocument): boolean;
  compare(a: StoredDocument, b: StoredDocument): number;
}

/**
 * `required` are fields a document must have beyond those the query itself names.
 * Throws INVALID_ARGUMENT for what Firestore would not accept.
 */
export function planQuery(parentName: string, wire: WireQuery, required: readonly string[] = []): QueryPlan {
  const { database, path: parent } = parseName(parentName);
  const [from] = wire.from ?? [];
  if (!from) throw invalidArgument('The query names no collection to look in.');
  if (wire.findNearest)
    throw invalidArgument('Vector search is not available in the local Firestore server.');
  const filter = wire.where && decodeFilter(wire.where);
  checkCombination(filter);
  const orders = completeOrders(wire, filter);
  const reader = (fieldPath: string) => fieldReader(database, fieldPath, parseFieldPath(fieldPath));
  const readers = orders.map(({ fieldPath }) => reader(fieldPath));
  const mustExist = [...readers, ...required.map(reader)];
  const matches = matcher(database, filter);
  const within = cursorTest(wire, orders, readers);
  return {
    database,
    parent,
    collectionId: from.collectionId ?? '',
    allDescendants: from.allDescendants ?? false,
    filter,
    orders,
    offset: nonNegative(wire.offset ?? 0, 'offset'),
    limit: wire.limit ? nonNegative(wire.limit.value ?? 0, 'limit') : Number.POSITIVE_INFINITY,
    projection: wire.select && projectionOf(wire.select.fields ?? []),
    accepts: (document) =>
      matches(document) && mustExist.every((read) => read(document) !== undefined) && within(document),
    compare: comparator(orders, readers),
  };
}

function nonNegative(value: number, what: string): number {
  if (value < 0) throw invalidArgument(`The ${what} is negative.`);
  return value;
}

function projectionOf(fields: { fieldPath: string }[]): string[][] {
  return fields.filter((f) => f.fieldPath !== NAME_FIELD).map((f) => parseFieldPath(f.fieldPath));
}

/** https://firebase.google.com/docs/firestore/query-data/order-limit-data : implicit orders follow the last explicit direction. */
function completeOrders(wire: WireQuery, filter: Filter | undefined): Order[] {
  const orders: Order[] = (wire.orderBy ?? []).map(({ field, direction }) => ({
    fieldPath: field.fieldPath,
    descending: direction === 'DESCENDING',
  }));
  const descending = orders.at(-1)?.descending ?? false;
  const inequalities = fieldFilters(filter).filter(({ op }) => isInequality(op));
  const implicit = new Set(inequalities.map(({ fieldPath }) => fieldPath).sort(compareStrings));
  for (const fieldPath of [...implicit].filter((p) => p !== NAME_FIELD).concat(NAME_FIELD)) {
    if (!orders.some((order) => order.fieldPath === fieldPath)) orders.push({ fieldPath, descending });
  }
  return orders;
}

function comparator(orders: readonly Order[], readers: readonly ReadField[]) {
  const steps = orders.map(({ fieldPath, descending }, i) => {
    const read = readers[i];
    const sign = descending ? -1 : 1;
    if (!read || fieldPath === NAME_FIELD) {
      return (a: StoredDocument, b: StoredDocument) => sign * comparePaths(a.path, b.path);
    }
    return (a: StoredDocument, b: StoredDocument) => sign * compareValues(read(a) ?? null, read(b) ?? null);
  });
  return (a: StoredDocument, b: StoredDocument) => {
    for (const step of steps) {
      const order = step(a, b);
      if (order !== 0) return order;
    }
    return 0;
  };
}

function cursorTest(wire: WireQuery, orders: readonly Order[], readers: readonly ReadField[]) {
  const start = wire.startAt && cursorPosition(wire.startAt, orders, readers);
  const end = wire.endAt && cursorPosition(wire.endAt, orders, readers);
  return (document: StoredDocument) => {
    if (start && !(wire.startAt?.before ? start(document) >= 0 : start(document) > 0)) return false;
    return !end || (wire.endAt?.before ? end(document) < 0 : end(document) <= 0);
  };
}

/** Where a document lies relative to a cursor: negative before it, 0 at it, positive after it. */
function cursorPosition(cursor: WireCursor, orders: readonly Order[], readers: readonly ReadField[]) {
  const values: Value[] = (cursor.values ?? []).map((value) => decodeValue(value));
  if (values.length > orders.length)
    throw invalidArgument('The cursor has more values than the query has orders.');
  orders.slice(0, values.length).forEach(({ fieldPath }, i) => {
    if (fieldPath === NAME_FIELD && !(values[i] instanceof Reference)) {
      throw invalidArgument('The cursor value for __name__ is not a document reference.');
    }
  });
  return (document: StoredDocument) => {
    for (const [i, value] of values.entries()) {
      const order = compareValues(readers[i]?.(document) ?? null, value);
      if (order !== 0) return orders[i]?.descending ? -order : order;
    }
    return 0;
  };
}
