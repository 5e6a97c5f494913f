import type { Comparator } from '../define.ts';
import { fieldPath, type Shape } from '../schema/shape.ts';
import { nearName } from './near-name.ts';
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

/** A comparison that an evaluation would never make, or could not. */
interface ComparatorProblem {
  path: string;
  text: string;
}

/** What is wrong with comparisons that stand beside a schema, by path such as `items[].sku`. */
export function comparatorProblems(
  comparators: Readonly<Record<string, Comparator>>,
  shape: Shape,
): ComparatorProblem[] {
  const compared = comparedShapes(shape);
  return Object.entries(comparators).flatMap(([path, comparator]) => {
    const at = compared.get(path);
    const text = at ? misfit(comparator, at) : noField(path, [...compared.keys()]);
    return text === undefined ? [] : [{ path, text: `compare ${path}: ${text}` }];
  });
}

function noField(path: string, known: readonly string[]): string {
  const meant = nearName(path, known);
  return `there is no such field; ${meant === undefined ? `there are ${known.join(', ')}` : `did you mean ${meant}?`}`;
}

/** Everything that is compared, by path. One of several forms is compared as a whole. */
function comparedShapes(shape: Shape, path = ''): Map<string, Shape> {
  const inside =
    shape.kind === 'object'
      ? shape.fields.map((field) => comparedShapes(field.shape, fieldPath(path, field.name)))
      : shape.kind === 'list'
        ? [comparedShapes(shape.items, `${path}[]`)]
        : [];
  return new Map([...(path === '' ? [] : [[path, shape] as const]), ...inside.flatMap((one) => [...one])]);
}

/** Why values of this form cannot be compared so; undefined where they can. */
function misfit(comparator: Comparator, shape: Shape): string | undefined {
  if (shape.kind === 'object') return 'an object is compared field by field; name its fields';
  if (comparator === 'set' || comparator === 'order')
    return shape.kind === 'list' ? undefined : `${comparator} is for lists only`;
  if (shape.kind === 'list')
    return 'a list is compared as set or order; its entries, with [], have a comparison of their own';
  if (typeof comparator === 'object')
    return holdsOnly(shape, 'number') ? undefined : 'within is for numbers only';
  return comparator === 'date' && !holdsOnly(shape, 'string') ? 'date is for texts only' : undefined;
}

function holdsOnly(shape: Shape, type: 'number' | 'string'): boolean {
  if (shape.kind === 'union') return shape.options.every((option) => holdsOnly(option, type));
  if (shape.kind === 'choice') return shape.values.every((value) => typeof value === type);
  return type === 'string' ? shape.kind === 'text' : shape.kind === 'number' || shape.kind === 'integer';
}
