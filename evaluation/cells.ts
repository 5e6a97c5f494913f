import type { Comparator } from '../shared/profiles/define.ts';
import { fieldPath, type Shape } from '../shared/profiles/schema/shape.ts';
import { alignAsSet, alignInOrder, type Pairs } from './align.ts';
import { isExactly, sameBy, usualComparator } from './comparators.ts';

/** One value of a label beside the one that was answered. */
export interface Cell {
  /** Its field, the same for every entry of a list: `items[].sku`. */
  field: string;
  /** Its place in the label, or in the answer where the label has no such entry: `items[2].sku`. */
  at: string;
  /** Its place in the answer, where that is another one. */
  givenAt?: string;
  /** Null: there is nothing. */
  expected: unknown;
  given: unknown;
  /** `empty`: rightly nothing. */
  verdict: 'right' | 'wrong' | 'missed' | 'surplus' | 'empty';
  /** Right letter for letter, not only as the profile compares it. */
  exact: boolean;
}

/** What is compared, and how. */
export interface AnswerForm {
  shape: Shape;
  comparators: Readonly<Record<string, Comparator>>;
}

/** The model's word about its own answer is held against the outcome, not against a label. */
const SURENESS = 'confidence';

/** Several values that are right: `{ "$anyOf": ["KX-1", "KX1"] }`. */
const CHOICES = '$anyOf';

export const choicesIn = (expected: unknown): readonly unknown[] | undefined => {
  if (typeof expected !== 'object' || expected === null || Array.isArray(expected)) return undefined;
  const choices = (expected as Record<string, unknown>)[CHOICES];
  return Array.isArray(choices) && Object.keys(expected).length === 1 ? choices : undefined;
};

/**
 * Every value of a label beside what was answered. Fields that the label leaves out are not compared; a missing value of
 * the answer counts as null. Entries of lists are paired so that most of their cells are right.
 */
export const cellsOf = (form: AnswerForm, expected: unknown, given: unknown): Cell[] =>
  compare(form, form.shape, { field: '', at: '', givenAt: '' }, expected, given);

interface Place {
  field: string;
  at: string;
  givenAt: string;
}

function compare(form: AnswerForm, shape: Shape, place: Place, expected: unknown, given: unknown): Cell[] {
  const choices = choicesIn(expected);
  if (choices) return bestOf(choices.map((choice) => compare(form, shape, place, choice, given)));
  if (shape.kind === 'object') return compareFields(form, shape, place, expected, given);
  if (shape.kind === 'list') return compareEntries(form, shape, place, expected, given);
  return [cell(comparatorAt(form, shape, place.field), place, expected, given)];
}

const comparatorAt = ({ comparators }: AnswerForm, shape: Shape, field: string): Comparator =>
  comparators[field] ?? usualComparator(shape);

function cell(
  comparator: Comparator,
  { field, at, givenAt }: Place,
  expected: unknown,
  given: unknown,
): Cell {
  const [gold, answer] = [expected ?? null, given ?? null];
  const place = { field, at, ...(givenAt === at ? {} : { givenAt }) };
  const both = { ...place, expected: gold, given: answer };
  if (gold === null && answer === null) return { ...both, verdict: 'empty', exact: true };
  if (answer === null) return { ...both, verdict: 'missed', exact: false };
  if (gold === null) return { ...both, verdict: 'surplus', exact: false };
  const verdict = sameBy(comparator)(gold, answer) ? 'right' : 'wrong';
  return { ...both, verdict, exact: verdict === 'right' && isExactly(gold, answer) };
}

type ObjectForm = Extract<Shape, { kind: 'object' }>;
type ListForm = Extract<Shape, { kind: 'list' }>;

function compareFields(
  form: AnswerForm,
  { fields }: ObjectForm,
  { field, at, givenAt }: Place,
  expected: unknown,
  given: unknown,
): Cell[] {
  const [gold, answer] = [recordOf(expected), recordOf(given)];
  // A whole that is not there: its parts are missing, or too much, one by one.
  const named = gold ?? answer;
  if (!named) return field === '' ? [] : [cell('exact', { field, at, givenAt }, null, null)];
  return fields.flatMap(({ name, shape }) => {
    if (field === '' && name === SURENESS) return [];
    if (!Object.hasOwn(named, name)) return [];
    const place = {
      field: fieldPath(field, name),
      at: fieldPath(at, name),
      givenAt: fieldPath(givenAt, name),
    };
    return compare(form, shape, place, gold?.[name] ?? null, answer?.[name] ?? null);
  });
}

const recordOf = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;

function compareEntries(
  form: AnswerForm,
  shape: ListForm,
  { field, at, givenAt }: Place,
  expected: unknown,
  given: unknown,
): Cell[] {
  const gold = Array.isArray(expected) ? (expected as unknown[]) : [];
  const answer = Array.isArray(given) ? (given as unknown[]) : [];
  const isEmpty = gold.length === 0 && answer.length === 0;
  if (isEmpty) return [cell('exact', { field, at, givenAt }, null, null)];
  const entries = (i: number, j = i): Place => ({
    field: `${field}[]`,
    at: `${at}[${i}]`,
    givenAt: `${givenAt}[${j}]`,
  });
  const together = (i: number, j: number): Cell[] =>
    compare(form, shape.items, entries(i, j), gold[i], answer[j]);
  const pairs = align(comparatorAt(form, shape, field), gold.length, answer.length, together);
  const partnerOf = new Map(pairs);
  const taken = new Set(pairs.map(([, j]) => j));
  return [
    ...gold.flatMap((_, i) => {
      const j = partnerOf.get(i);
      return j === undefined ? compare(form, shape.items, entries(i), gold[i], null) : together(i, j);
    }),
    ...answer.flatMap((value, j) =>
      taken.has(j) ? [] : compare(form, shape.items, entries(j), null, value),
    ),
  ];
}

/** What a right cell outweighs: places decide only between pairs that are equally right. */
const NEARNESS = 1e-6;

function align(
  comparator: Comparator,
  expected: number,
  given: number,
  together: (i: number, j: number) => Cell[],
): Pairs {
  const worths = Array.from({ length: expected }, (_, i) =>
    Array.from({ length: given }, (__, j) => {
      const right = together(i, j).filter(({ verdict }) => verdict === 'right').length;
      return right === 0 ? 0 : right - NEARNESS * Math.min(1_000, Math.abs(i - j));
    }),
  );
  const worth = (i: number, j: number): number => worths[i]?.[j] ?? 0;
  return comparator === 'order' ? alignInOrder(expected, given, worth) : alignAsSet(expected, given, worth);
}

/** Fewest errors win; of equals the first. */
const bestOf = (all: readonly Cell[][]): Cell[] =>
  all.reduce((best, cells) => (errorsIn(cells) < errorsIn(best) ? cells : best), all[0] ?? []);

/** A wrong value is two errors: the right one is missing and this one is too much. */
export const errorsIn = (cells: readonly Cell[]): number =>
  cells.reduce(
    (sum, { verdict }) =>
      sum + (verdict === 'wrong' ? 2 : verdict === 'missed' || verdict === 'surplus' ? 1 : 0),
    0,
  );
