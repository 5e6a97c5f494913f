import type { Difference } from '../../shared/profiles/file/differences.ts';
import type { Output } from '../output.ts';
import { plain } from '../text/plain.ts';

/** What is different, a line for each side of each path. */
export function printDifferences(out: Output, differences: readonly Difference[], indent = '  '): void {
  for (const { path, before, after } of differences) {
    if (before !== undefined) out.line(`${indent}${out.red(`− ${path}: ${shown(before)}`)}`);
    if (after !== undefined) out.line(`${indent}${out.green(`+ ${path}: ${shown(after)}`)}`);
  }
}

const shown = (value: unknown): string => plain(typeof value === 'string' ? value : JSON.stringify(value));

/** `$0.82 for 1,000 pictures, before $0.80`. */
export function priceChange(now: number, before: number | undefined): string {
  const price = `$${now.toFixed(2)} for 1,000 pictures at the first step`;
  if (before === undefined || before.toFixed(2) === now.toFixed(2)) return price;
  return `${price}, before $${before.toFixed(2)}`;
}
