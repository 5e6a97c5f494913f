import type { FailureCode } from '../../base/errors/codes.ts';
import type { Page, Recovery } from './recovery.ts';

const PAGE = 100;

/**
 * Makes what is parked for one of these reasons due at once: what it waited for has come before its time. Resolves with
 * how many there are; the next sweep takes them up.
 */
export async function wakeParked(
  recovery: Pick<Recovery, 'ofFailure' | 'postpone'>,
  codes: readonly FailureCode[],
): Promise<number> {
  let woken = 0;
  for (const code of codes) {
    let after: readonly unknown[] | undefined;
    do {
      const page: Page = await recovery.ofFailure(code, PAGE, after);
      const parked = page.results.filter(({ document }) => document.status === 'parked');
      const done = await Promise.all(parked.map((result) => recovery.postpone(result, Date.now())));
      woken += done.filter(Boolean).length;
      after = page.next;
    } while (after);
  }
  return woken;
}
