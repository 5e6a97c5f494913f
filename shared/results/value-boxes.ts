import type { Evidence } from './document.ts';

export type ValueBox = Evidence['box'];

/** Around the value at a path such as `items[0].sku`: its own box, else that of the entry or object that it is in. */
export function boxAt(evidence: readonly Evidence[], path: string): ValueBox | undefined {
  const around = evidence
    .filter(({ field }) => path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`))
    .toSorted((a, b) => b.field.length - a.field.length);
  return around[0]?.box;
}
