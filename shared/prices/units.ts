/**
 * Money inside the pipeline: whole nano-dollars (a billionth of a US dollar). One token costs 25 to 20,000 of them, so
 * every price is a whole number and a sum of a million calls equals the bill exactly; micro-dollars would round each call.
 * Numbers are exact up to 9 million dollars.
 */
export type NanoUsd = number;

const NANO = 1_000_000_000;

export const usdOf = (nanos: NanoUsd): number => nanos / NANO;

/** The nearest whole nano-dollar. */
export const nanosOf = (usd: number): NanoUsd => Math.round(usd * NANO);

/** `$0.0009` or `$12.50`: four places below a dollar, two above. */
export const showUsd = (nanos: NanoUsd): string => {
  const usd = usdOf(nanos);
  return `$${usd.toFixed(Math.abs(usd) < 1 ? 4 : 2)}`;
};
/** Budgets count per day in UTC. */
export const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

/** Start of the next day in UTC, epoch milliseconds: when a day's budget is fresh again. */
export const nextDayStart = (atMs: number): number => Date.parse(dayOf(atMs)) + 86_400_000;
