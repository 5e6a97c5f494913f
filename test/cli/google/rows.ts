import { expect, it } from 'vitest';
import { type Change, examined } from './examine.ts';

/** One thing that is wrong with a deployment, and what is to be said of it. */
export type Row = [what: string, change: Change, severity: 'error' | 'warning', text: RegExp, fix: RegExp];

export const APPLY = /^terraform -chdir=terraform apply$/;

/** Each row alone, in a deployment that is healthy otherwise: it is told, and nothing else is. */
export function tellsOf(rows: readonly Row[], options: { webhooks?: boolean } = {}): void {
  it.each(rows)('tells of %s, and how it is fixed', async (_what, change, severity, text, fix) => {
    const { wrong } = await examined(change, options);
    expect(wrong).toEqual([{ severity, text: expect.stringMatching(text), fix: expect.stringMatching(fix) }]);
  });
}
