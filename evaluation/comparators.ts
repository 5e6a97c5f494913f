import type { Comparator } from '../shared/profiles/define.ts';
import type { Shape } from '../shared/profiles/schema/shape.ts';
import { isSameDay } from './days.ts';

type SameValue = (expected: unknown, given: unknown) => boolean;

/** How values of this form are compared where the profile does not say. */
export function usualComparator(shape: Shape): Comparator {
  if (shape.kind === 'text') return shape.format?.startsWith('date') === true ? 'date' : 'text';
  if (shape.kind === 'number' || shape.kind === 'integer') return { within: 0 };
  return shape.kind === 'list' ? 'set' : 'exact';
}

/** Whether two values that are not null say the same; lists are compared entry by entry, by the caller that aligned them. */
export function sameBy(comparator: Comparator): SameValue {
  if (typeof comparator === 'object') return (a, b) => isWithin(comparator.within, a, b);
  switch (comparator) {
    case 'text':
      return (a, b) => a === b || plain(a) === plain(b);
    case 'date':
      return (a, b) => a === b || isSameDay(String(a), String(b));
    default:
      return isExactly;
  }
}

/** Letter for letter. */
export const isExactly: SameValue = (expected, given) =>
  expected === given || (typeof expected === 'object' && JSON.stringify(expected) === JSON.stringify(given));

/** Case, runs of white space and the form of compatible characters do not count. */
const plain = (value: unknown): string =>
  String(typeof value === 'object' ? JSON.stringify(value) : value)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim();

/** A hair's breadth for decimal fractions, which binary numbers do not hold exactly. */
const BINARY = 1e-9;

const isWithin = (tolerance: number, expected: unknown, given: unknown): boolean => {
  const [a, b] = [Number(expected), Number(given)];
  return Math.abs(a - b) <= tolerance + BINARY * Math.max(1, Math.abs(a));
};
