import type { Cell } from './cells.ts';
import { meanOf } from './interval.ts';
import type { Scored } from './outcomes.ts';

/** How well one field is answered. Shares 0..1; null where there is nothing to divide by. */
export interface FieldFigures {
  field: string;
  /** Values in the labels that are not null. */
  support: number;
  /** Values given that are not null. */
  given: number;
  /** Right values / given ones. */
  precision: number | null;
  /** Right values / those of the labels. */
  recall: number | null;
  f1: number | null;
  /** Cells that are right letter for letter, rightly empty ones among them, of all cells. */
  exact: number;
  /** The same as the profile compares: by default without case and white space. */
  normalized: number;
  /** Mean of how likely the model held its values to be right; null where it does not say. */
  stated: number | null;
}

export function fieldFigures(all: readonly Scored[]): FieldFigures[] {
  const byField = Map.groupBy(
    all.flatMap(({ cells }) => cells),
    ({ field }) => field,
  );
  // A list that is empty on both sides has no entries; its own row says nothing.
  return [...byField]
    .filter(([field]) => !byField.has(`${field}[]`) && !hasEntryFields(byField, field))
    .map(([field, cells]) => ({ field, ...figuresOf(cells), stated: statedOf(all, field) }));
}

function statedOf(all: readonly Scored[], field: string): number | null {
  const stated = all.flatMap(({ ending }) =>
    ending.kind === 'answered' ? (ending.probabilities?.[field] ?? []) : [],
  );
  return stated.length === 0 ? null : meanOf(stated);
}

const hasEntryFields = (byField: ReadonlyMap<string, unknown>, field: string): boolean =>
  [...byField.keys()].some((other) => other.startsWith(`${field}[].`) || other.startsWith(`${field}.`));

function figuresOf(cells: readonly Cell[]): Omit<FieldFigures, 'field' | 'stated'> {
  const count = (...verdicts: Cell['verdict'][]): number =>
    cells.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const right = count('right');
  const support = cells.filter(({ expected }) => expected !== null).length;
  const given = right + count('wrong', 'surplus');
  const precision = given === 0 ? null : right / given;
  const recall = support === 0 ? null : right / support;
  return {
    support,
    given,
    precision,
    recall,
    f1: support + given === 0 ? null : (2 * right) / (support + given),
    exact: cells.filter(({ exact }) => exact).length / cells.length,
    normalized: count('right', 'empty') / cells.length,
  };
}

/** A value that was taken for another one, and how often. */
export interface Confusion {
  field: string;
  expected: unknown;
  given: unknown;
  count: number;
  /** Pictures where it happened, at most three. */
  labels: string[];
}

const MAX_EXAMPLES = 3;

/** The most frequent wrong, missed and surplus values. */
export function confusionsOf(all: readonly Scored[], limit: number): Confusion[] {
  const found = new Map<string, Confusion>();
  for (const { label, cells } of all)
    for (const { field, expected, given, verdict } of cells) {
      if (verdict === 'right' || verdict === 'empty') continue;
      const key = JSON.stringify([field, expected, given]);
      const one = found.get(key) ?? { field, expected, given, count: 0, labels: [] };
      one.count += 1;
      if (one.labels.length < MAX_EXAMPLES && !one.labels.includes(label)) one.labels.push(label);
      found.set(key, one);
    }
  return [...found.values()].sort((a, b) => b.count - a.count).slice(0, limit);
}
