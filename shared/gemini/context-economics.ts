import type { NanoUsd } from '../prices/money.ts';
import type { PriceBook } from '../prices/price-book.ts';

/** Whether caching some instructions would pay, with the sum that says so. */
export interface ContextDecision {
  use: boolean;
  tokens: number;
  /** Calls per hour from which it pays; Infinity when it never does. */
  breakEvenPerHour: number;
  callsPerHour: number;
  /** Nano-dollars of one hour: reading the instructions anew each time, and from the cache. */
  uncachedPerHour: NanoUsd;
  cachedPerHour: NanoUsd;
  /** For people: why. */
  because: string;
}

/**
 * An explicit cache costs its tokens once at the input price when it is made, then storage by the hour, then a tenth per
 * call. It is made for an hour, so both fixed costs fall due hourly.
 */
export function decideOnContext(
  book: PriceBook,
  model: string,
  tokens: number,
  callsPerHour: number,
  nowMs: number,
): ContextDecision {
  const { minTokens, storagePerHour } = book.contextCache;
  const prices = book.row(model, nowMs)?.standard;
  const none = { use: false, tokens, callsPerHour, breakEvenPerHour: Number.POSITIVE_INFINITY };
  if (!prices)
    return { ...none, uncachedPerHour: 0, cachedPerHour: 0, because: `${model} has no price today` };
  const fixed = tokens * (prices.input + storagePerHour);
  const uncachedPerHour = Math.round(callsPerHour * tokens * prices.input);
  const cachedPerHour = Math.round(fixed + callsPerHour * tokens * (prices.cached ?? prices.input));
  const sums = { uncachedPerHour, cachedPerHour };
  if (tokens < minTokens)
    return {
      ...none,
      ...sums,
      because: `${tokens} tokens are fewer than the ${minTokens} that can be cached`,
    };
  const savedPerCall = tokens * (prices.input - (prices.cached ?? prices.input));
  if (savedPerCall <= 0) return { ...none, ...sums, because: `${model} has no price for cached tokens` };
  const breakEvenPerHour = fixed / savedPerCall;
  const use = callsPerHour > breakEvenPerHour;
  return {
    ...{ use, tokens, callsPerHour, breakEvenPerHour, ...sums },
    because: `${Math.round(callsPerHour)} calls an hour, it pays from ${Math.ceil(breakEvenPerHour)} on`,
  };
}
