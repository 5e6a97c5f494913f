import { createHash } from 'node:crypto';
import { dispositionOf, isFailure } from '../../base/errors/pipeline-error.ts';
import type { Log } from '../../base/log.ts';
import { withDeadline } from '../../base/resilience/deadline.ts';
import type { Documents } from '../../cloud/firestore/documents.ts';
import type { PriceList } from '../../prices/price-list.ts';
import { usdOf } from '../../prices/units.ts';
import {
  type AskModel,
  type ModelRequest,
  prefixIdentity,
  prefixTokens,
  referenceTokens,
} from '../request.ts';
import type { ContextApi } from './cache-api.ts';
import { CacheCost, decideOnContext, type Kept, type ReserveForCache } from './cache-cost.ts';
import { ContextRecords } from './records.ts';

interface Known {
  stored: Kept | undefined;
  /** Times of the calls of the last while, epoch milliseconds. */
  calls: number[];
  inUse: boolean | undefined;
  /** After a refusal nothing is made or renewed until then. */
  offUntil: number;
  preparing: Promise<void> | undefined;
}

const TTL_MS = 3_600_000;
const RENEW_BEFORE_MS = 600_000;
/** A cache that ends sooner is not relied on. */
const MARGIN_MS = 60_000;
/** What came in the last hour is expected in the next. More calls than this change nothing: it pays from a few on. */
const WINDOW_MS = 3_600_000;
const MAX_CALLS_COUNTED = 100;
const AFTER_REFUSAL_MS = 600_000;
/** Share of what can be cached from which the log says why it is not: nobody expects it of a few sentences. */
const WORTH_A_WORD = 0.25;
/** Calls wait for a cache in preparation together no longer than this: the time is their own, not the model's. */
const PATIENCE_MS = 1_000;

/**
 * Keeps long instructions and reference pictures in one API's context cache where that pays: decided by this instance's
 * calls of the last hour, made once for all instances, renewed while it pays, paid for from the budget like a call, and
 * never in the way: without a cache, or when the API or the budget refuses one, everything is sent as always.
 */
export class ContextCaches {
  readonly #api: ContextApi;
  readonly #records: ContextRecords;
  readonly #prices: PriceList;
  readonly #log: Log;
  readonly #ledger: CacheCost;
  readonly #known = new Map<string, Known>();

  constructor(api: ContextApi, documents: Documents, prices: PriceList, log: Log, hold: ReserveForCache) {
    this.#api = api;
    this.#records = new ContextRecords(documents);
    this.#prices = prices;
    this.#log = log;
    this.#ledger = new CacheCost(prices, hold);
  }

  /** The model, asked with the cache where there is one. */
  around(call: AskModel): AskModel {
    return async (request, signal) => {
      const cachedContent = await this.#nameFor(request);
      if (cachedContent === undefined) return call(request, signal);
      try {
        return await call({ ...request, cachedContent }, signal);
      } catch (error) {
        // A cache that has gone answers 403 or 404; one that does not fit 400. None was billed.
        if (!dispositionOf(error)?.cacheSuspect) throw error;
        const reply = await call(request, signal);
        // Only now it is known that it was the cache, and not the picture or the key.
        this.#refused(this.#keyOf(request), error);
        return reply;
      }
    };
  }

  async #nameFor(request: ModelRequest): Promise<string | undefined> {
    const tokens = prefixTokens(this.#prices, request);
    if (tokens < this.#prices.contextCache.minTokens * WORTH_A_WORD) return undefined;
    const now = Date.now();
    const key = this.#keyOf(request);
    const known = this.#entry(key);
    // Too short to be cached, and the log has said so.
    if (tokens < this.#prices.contextCache.minTokens && known.inUse === false) return undefined;
    known.calls = [...known.calls.filter((at) => at > now - WINDOW_MS), now].slice(-MAX_CALLS_COUNTED);
    if (!this.#pays(key, request, tokens, known, now)) return undefined;
    const left = (known.stored?.expiresAt ?? 0) - now;
    if (left < RENEW_BEFORE_MS && now >= known.offUntil) {
      known.preparing ??= this.#preparing(key, request, tokens, known);
      // One that is being renewed still serves.
      if (left < MARGIN_MS) await known.preparing;
    }
    return known.stored && known.stored.expiresAt - Date.now() >= MARGIN_MS ? known.stored.name : undefined;
  }

  /** Ends with the preparation, or earlier when that takes long: it goes on, and calls go without. */
  #preparing(key: string, request: ModelRequest, tokens: number, known: Known): Promise<void> {
    const prepared = this.#prepare(key, request, tokens, known).finally(() => {
      known.preparing = undefined;
    });
    return withDeadline(PATIENCE_MS, undefined, () => prepared).catch(() => undefined);
  }

  #pays(key: string, request: ModelRequest, tokens: number, known: Known, now: number): boolean {
    const { model, references = [] } = request;
    const decision = decideOnContext(this.#prices, model, tokens, known.calls.length, now);
    if (decision.use !== known.inUse) {
      known.inUse = decision.use;
      this.#log.info('context.decided', {
        ...{ key, api: this.#api.name, model, use: decision.use, because: decision.because, tokens },
        ...{ references: references.length, referenceTokens: referenceTokens(this.#prices, request) },
        uncachedUsdPerHour: usdOf(decision.uncachedPerHour),
        cachedUsdPerHour: usdOf(decision.cachedPerHour),
      });
    }
    return decision.use;
  }

  /** Finds the others' cache, or renews it or makes one where nobody else is at it. Never throws. */
  async #prepare(key: string, request: ModelRequest, tokens: number, known: Known): Promise<void> {
    const { model } = request;
    const wanted = { key, model, tokens, lastsMs: RENEW_BEFORE_MS };
    const use = (kept: Kept | undefined) => {
      known.stored = kept;
    };
    try {
      const turn = await this.#records.turn(wanted, use);
      if (turn.kind === 'there') return use(turn.kept);
      const old = turn.old && turn.old.expiresAt - Date.now() >= MARGIN_MS ? turn.old : undefined;
      const made = await this.#ledger.paying({ model, tokens, old, ttlMs: TTL_MS }, () =>
        old ? this.#api.extend(old.name, TTL_MS) : this.#api.create(request, TTL_MS),
      );
      this.#log.info('context.made', { key, model, renewed: old !== undefined, expiresAt: made.expiresAt });
      const used = await this.#records.store(wanted, turn.version, made);
      use(used);
      // It took longer than our turn: two caches would cost storage for nothing.
      if (used.name !== made.name) await this.#api.delete(made.name);
    } catch (error) {
      this.#refused(key, error);
    }
  }

  #refused(key: string, error: unknown): void {
    const known = this.#entry(key);
    // Without money for another hour, what is paid for still serves until it ends.
    if (!isFailure(error, 'BUDGET_EXHAUSTED')) known.stored = undefined;
    known.offUntil = Date.now() + AFTER_REFUSAL_MS;
    this.#log.warn('context.refused', { key, error: error instanceof Error ? error.message : String(error) });
  }

  #keyOf(request: ModelRequest): string {
    // Each API has caches of its own.
    const identity = `${this.#api.name}\n${prefixIdentity(request)}`;
    return createHash('sha256').update(identity).digest('hex').slice(0, 32);
  }

  #entry(key: string): Known {
    const existing = this.#known.get(key);
    if (existing) return existing;
    const fresh: Known = {
      stored: undefined,
      calls: [],
      inUse: undefined,
      offUntil: 0,
      preparing: undefined,
    };
    this.#known.set(key, fresh);
    return fresh;
  }
}
