import type { Stats } from './api/figures.ts';

type Row = NonNullable<Stats['satisfaction']>['weeks'][number]['rows'][number];

/** Judged and right answers together by one property of the rows, the most judged first. */
export function satisfactionBy(
  rows: readonly Row[],
  property: 'profile' | 'model',
): { name: string; judged: number; right: number }[] {
  return [...Map.groupBy(rows, (row) => row[property])]
    .map(([name, those]) => ({
      name,
      judged: those.reduce((sum, { judged }) => sum + judged, 0),
      right: those.reduce((sum, { right }) => sum + right, 0),
    }))
    .toSorted((a, b) => b.judged - a.judged);
}
