import type { PriceList } from '../../prices/price-list.ts';
import type { NanoUsd } from '../../prices/units.ts';
import { ContextRefused, type StoredContext } from './cache-api.ts';

/** Whether caching some instructions would pay, with the sum that says so. */
interface ContextDecision {
  use: boolean;
  tokens: number;
  /** Calls per hour from which it pays; Infinity when it never does. */
  breakEvenPerHour: number;
  callsPerHour: number;
  /** Nano-dollars of one hour: reading the instructions again each time, and from the cache. */
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
  prices: PriceList,
  model: string,
  tokens: number,
  callsPerHour: number,
  nowMs: number,
): ContextDecision {
  const { minTokens, storagePerHour } = prices.contextCache;
  const row = prices.row(model, nowMs)?.standard;
  const none = { use: false, tokens, callsPerHour, breakEvenPerHour: Number.POSITIVE_INFINITY };
  if (!row) return { ...none, uncachedPerHour: 0, cachedPerHour: 0, because: `${model} has no price today` };
  const fixed = tokens * (row.input + storagePerHour);
  const uncachedPerHour = Math.round(callsPerHour * tokens * row.input);
  const cachedPerHour = Math.round(fixed + callsPerHour * tokens * (row.cached ?? row.input));
  const sums = { uncachedPerHour, cachedPerHour };
  if (tokens < minTokens)
    return {
      ...none,
      ...sums,
      because: `${tokens} tokens are fewer than the ${minTokens} that can be cached`,
    };
  const savedPerCall = tokens * (row.input - (row.cached ?? row.input));
  if (savedPerCall <= 0) return { ...none, ...sums, because: `${model} has no price for cached tokens` };
  const breakEvenPerHour = fixed / savedPerCall;
  const use = callsPerHour > breakEvenPerHour;
  return {
    ...{ use, tokens, callsPerHour, breakEvenPerHour, ...sums },
    because: `${Math.round(callsPerHour)} calls an hour, it pays from ${Math.ceil(breakEvenPerHour)} on`,
  };
}

/** A cache whose tokens are known, counted by the API or estimated. */
export type Kept = StoredContext & { tokens: number };

/** Money that is held for one cache until it is known what it cost. Neither method throws. */
interface CacheReservation {
  billed(model: string, nanos: NanoUsd): Promise<void>;
  /** The API never answered: it may have been billed. */
  lost(model: string, nanos: NanoUsd): Promise<void>;
}

/** Holds money of the day's budget. Throws BUDGET_EXHAUSTED, at once, when there is none: nobody waits for a cache. */
export type ReserveForCache = (atMost: NanoUsd) => Promise<CacheReservation>;

interface Purchase {
  model: string;
  /** Estimated. */
  tokens: number;
  /** What is renewed; undefined for a new cache. */
  old: Kept | undefined;
  ttlMs: number;
}

const HOUR_MS = 3_600_000;
/** The estimate may be short by this much, where the API counts other scripts or pictures differently. */
const MARGIN = 2;

/**
 * Pays for context caches: what one can cost at most is reserved before the API is asked and settled with what it cost.
 * A new one costs its tokens once at the input price, and each one storage for the time it is kept beyond what was paid.
 */
export class CacheCost {
  readonly #prices: PriceList;
  readonly #hold: ReserveForCache;

  constructor(prices: PriceList, hold: ReserveForCache) {
    this.#prices = prices;
    this.#hold = hold;
  }

  /** Throws BUDGET_EXHAUSTED before `make` is called, or what `make` throws. */
  async paying(purchase: Purchase, make: () => Promise<StoredContext>): Promise<Kept> {
    const { model, old, ttlMs } = purchase;
    const startedAt = Date.now();
    const tokens = old?.tokens ?? purchase.tokens;
    const cost = (counted: number, moreMs: number) => this.#costOf(purchase, counted, moreMs, startedAt);
    const expected = cost(tokens, old ? startedAt + ttlMs - old.expiresAt : ttlMs);
    const hold = await this.#hold(expected * (old ? 1 : MARGIN));
    let made: StoredContext;
    try {
      made = await make();
    } catch (error) {
      await (error instanceof ContextRefused ? hold.billed(model, 0) : hold.lost(model, expected));
      throw error;
    }
    const counted = made.tokens ?? tokens;
    // The difference between two times of the API: its clock and ours are not the same.
    await hold.billed(model, cost(counted, old ? made.expiresAt - old.expiresAt : ttlMs));
    return { ...made, tokens: counted };
  }

  #costOf({ model, old }: Purchase, tokens: number, keptMs: number, nowMs: number): NanoUsd {
    const input = this.#prices.row(model, nowMs)?.standard.input ?? 0;
    const storage = Math.round((tokens * this.#prices.contextCache.storagePerHour * keptMs) / HOUR_MS);
    return Math.max(0, storage) + (old ? 0 : tokens * input);
  }
}
