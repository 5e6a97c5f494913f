import type { Attempt } from '../../shared/results/document.ts';
import type { Claim, Results } from '../../shared/results/results.ts';
import type { Standing } from '../../shared/spend/late-bookings.ts';

/** A document keeps this many of its model calls, the newest. */
export const MAX_ATTEMPTS_KEPT = 40;

/**
 * Whether an execution's cost was booked by a commit that was not heard of again. The row of a call is stored in the
 * same commit as its booking and stays in the document, whoever has it next; and a commit names a version of the
 * document from the time of its own claim, so none can go through once another owner has claimed it.
 */
export const standingOf =
  (results: Pick<Results, 'get'>, { id, owner, document }: Claim, row: Attempt) =>
  async (): Promise<Standing> => {
    const found = await results.get(id);
    if (found?.source.generation !== document.source.generation) return 'unknowable';
    if (found.attempts.some((attempt) => isSame(attempt, row))) return 'booked';
    if (found.claim.owner === owner) return 'open';
    const [oldest] = found.attempts;
    const mayBeCut = found.attempts.length >= MAX_ATTEMPTS_KEPT && oldest !== undefined && oldest.at > row.at;
    return mayBeCut ? 'unknowable' : 'not-booked';
  };

const isSame = (one: Attempt, other: Attempt): boolean =>
  one.at.getTime() === other.at.getTime() && one.model === other.model && one.latencyMs === other.latencyMs;
