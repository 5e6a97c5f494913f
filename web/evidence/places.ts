import type { Evidence } from '../../shared/results/document.ts';
import type { ValueBox } from '../../shared/results/value-boxes.ts';

/** Where a box is, for people who do not see it. */
export function inWords({ top, left, bottom, right }: ValueBox): string {
  const [y, x] = [third((top + bottom) / 2), third((left + right) / 2)];
  const rows = ['top', 'middle', 'bottom'];
  const columns = ['left', 'center', 'right'];
  return `Read in the picture, ${rows[y]} ${columns[x]}`;
}

const third = (thousandths: number): number => Math.min(2, Math.floor((thousandths * 3) / 1000));

/** The boxes of an answer whose list at `path` has lost an entry: those behind it have moved up. */
export function withoutEntry(evidence: readonly Evidence[], path: string, removed: number): Evidence[] {
  return evidence.flatMap((one) => {
    const rest = one.field.startsWith(`${path}[`) ? one.field.slice(path.length + 1) : '';
    const [, digits = '', behind = ''] = /^(\d+)\](.*)$/.exec(rest) ?? [];
    const index = Number(digits);
    if (digits === '' || index < removed) return [one];
    return index === removed ? [] : [{ ...one, field: `${path}[${index - 1}]${behind}` }];
  });
}
