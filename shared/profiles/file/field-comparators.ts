import type { Comparator } from '../define.ts';
import { fieldPath } from '../schema/shape.ts';
import type { FieldRow, FieldRows } from './profile-file.ts';

/** How the fields are to be compared, by path; only those that say so. */
export function comparatorsOf(rows: FieldRows, parent = ''): Record<string, Comparator> {
  return Object.assign(
    {},
    ...Object.entries(rows).map(([name, row]) => ofRow(row, fieldPath(parent, name))),
  ) as Record<string, Comparator>;
}

function ofRow(row: FieldRows[string], path: string): Record<string, Comparator> {
  if (typeof row === 'string') return {};
  return {
    ...(row.compare === undefined ? {} : { [path]: row.compare }),
    ...(row.fields ? comparatorsOf(row.fields, path) : {}),
    ...(row.listOf === undefined ? {} : ofRow(row.listOf, `${path}[]`)),
  };
}

/** The same rows without what only an evaluation reads: it changes no question. */
export const withoutComparators = (rows: FieldRows): FieldRows =>
  Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, bare(row)]));

function bare(row: FieldRows[string]): FieldRows[string] {
  if (typeof row === 'string') return row;
  const { compare: _compare, ...rest } = row;
  return {
    ...rest,
    ...(rest.fields ? { fields: withoutComparators(rest.fields) as NonNullable<FieldRow['fields']> } : {}),
    ...(rest.listOf === undefined ? {} : { listOf: bare(rest.listOf) }),
  };
}
