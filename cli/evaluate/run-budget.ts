import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import { delay } from '../../shared/base/resilience/delay.ts';
import type { ImageBudget, Reservation } from '../../shared/money/budgets.ts';
import { dayOf, type NanoUsd, usdOf } from '../../shared/prices/units.ts';
import type { Journal } from './journal.ts';

/** How often a call that waits for the money of others looks again, in milliseconds. */
const LOOK_MS = 20;

/**
 * What a run may spend, all its interruptions together. A call that could cost more than is left waits for those under
 * way, which give back what they did not need, and fails with BUDGET_EXHAUSTED when none is.
 */
export const runBudget = (journal: Journal, limit: NanoUsd | null): ImageBudget => ({
  day: dayOf(Date.now()),
  scopes: [],
  reserve: async ([amount = 0], signal) => {
    while (limit !== null && journal.spentNanos + amount > limit) {
      if (journal.heldNanos === 0) throw exhausted(limit, amount);
      await delay(LOOK_MS, signal);
    }
    const paid = journal.begin(amount);
    return { amount, settle: paid } satisfies Reservation;
  },
});

const exhausted = (limit: NanoUsd, amount: NanoUsd): PipelineError =>
  new PipelineError(
    'BUDGET_EXHAUSTED',
    `The next call could cost $${usdOf(amount).toFixed(6)}, more than is left of $${usdOf(limit)}.`,
  );
