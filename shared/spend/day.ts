/** Budgets count per day in UTC. */
export const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

/** Start of the next day in UTC, epoch milliseconds: when a day's budget is fresh again. */
export const nextDayStart = (atMs: number): number => Date.parse(dayOf(atMs)) + 86_400_000;
