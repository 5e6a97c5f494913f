import { createHash } from 'node:crypto';
import { z } from 'zod';
import { isFailure } from '../errors/pipeline-error.ts';
import type { Documents } from '../firestore/documents.ts';
import type { Log } from '../log/log.ts';
import { type NanoUsd, usdOf } from '../prices/money.ts';
import type { PriceBook } from '../prices/price-book.ts';
import type { ContextApi, StoredContext } from './context-api.ts';
import { decideOnContext } from './context-economics.ts';
import type { GenerateContent, ModelRequest } from './model.ts';

/** `contexts/{key}`: the cache that all instances use for the same instructions of the same model. */
const contextDocument = z.object({ name: z.string(), model: z.string(), expiresAt: z.date() });

/** Books what making or keeping a cache for its hour costs, beyond the calls. Never throws. */
export type Paid = (model: string, nanos: NanoUsd) => Promise<void>;

interface Known {
  stored: StoredContext | undefined;
  /** Times of the calls of the last while, epoch milliseconds. */
  calls: number[];
  inUse: boolean | undefined;
  /** After a refusal nothing is tried until then. */
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
const CHARACTERS_PER_TOKEN = 4;

/**
 * Keeps long instructions in the API's context cache where that pays: decided by this instance's calls of the last hour, made
 * once for all instances, renewed while it pays, and never in the way: without a cache, or when the API refuses one, the
 * instructions are sent as always.
 */
export class ContextCaches {
  readonly #paid: Paid;
  readonly #api: ContextApi;
  readonly #documents: Documents;
  readonly #book: PriceBook;
  readonly #log: Log;
  readonly #known = new Map<string, Known>();

  constructor(api: ContextApi, documents: Documents, book: PriceBook, log: Log, paid: Paid) {
    this.#paid = paid;
    this.#api = api;
    this.#documents = documents;
    this.#book = book;
    this.#log = log;
  }

  /** The model, asked with the cache where there is one. */
  around(call: GenerateContent): GenerateContent {
    return async (request, signal) => {
      const cachedContent = await this.#nameFor(request);
      if (cachedContent === undefined) return call(request, signal);
      try {
        return await call({ ...request, cachedContent }, signal);
      } catch (error) {
        // A cache that has gone answers 403; one that does not fit 400. Neither was billed.
        if (!isFailure(error, 'MODEL_CREDENTIALS', 'MODEL_REJECTED_REQUEST', 'MODEL_NOT_FOUND')) throw error;
        this.#refused(keyOf(request), error);
        return call(request, signal);
      }
    };
  }

  async #nameFor(request: ModelRequest): Promise<string | undefined> {
    const now = Date.now();
    const key = keyOf(request);
    const known = this.#entry(key);
    // Too short to be cached, and the log has said so.
    if (tokensOf(request) < this.#book.contextCache.minTokens && known.inUse === false) return undefined;
    known.calls = [...known.calls.filter((at) => at > now - WINDOW_MS), now].slice(-MAX_CALLS_COUNTED);
    if (!this.#pays(key, request, known, now) || now < known.offUntil) return undefined;
    const left = (known.stored?.expiresAt ?? 0) - now;
    if (left < RENEW_BEFORE_MS) {
      known.preparing ??= this.#prepare(key, request, known).finally(() => {
        known.preparing = undefined;
      });
      // One that is being renewed still serves.
      if (left < MARGIN_MS) await known.preparing;
    }
    return known.stored && known.stored.expiresAt - Date.now() >= MARGIN_MS ? known.stored.name : undefined;
  }

  #pays(key: string, { model, instructions }: ModelRequest, known: Known, now: number): boolean {
    const tokens = tokensOf({ instructions });
    const decision = decideOnContext(this.#book, model, tokens, known.calls.length, now);
    if (decision.use !== known.inUse) {
      known.inUse = decision.use;
      this.#log.info('context.decided', {
        ...{ key, model, use: decision.use, because: decision.because, tokens },
        uncachedUsdPerHour: usdOf(decision.uncachedPerHour),
        cachedUsdPerHour: usdOf(decision.cachedPerHour),
      });
    }
    return decision.use;
  }

  /** Finds the others' cache, renews it or makes one. Never throws. */
  async #prepare(key: string, { model, instructions }: ModelRequest, known: Known): Promise<void> {
    const path = `contexts/${key}`;
    try {
      const stored = await this.#documents.get(path);
      const shared = stored && contextDocument.safeParse(stored.data).data;
      const left = (shared?.expiresAt.getTime() ?? 0) - Date.now();
      if (shared && left >= RENEW_BEFORE_MS) {
        known.stored = { name: shared.name, expiresAt: shared.expiresAt.getTime() };
        return;
      }
      const made =
        shared && left >= MARGIN_MS
          ? await this.#api.extend(shared.name, TTL_MS)
          : await this.#api.create(model, instructions, TTL_MS);
      const data = { name: made.name, model, expiresAt: new Date(made.expiresAt) };
      const written = stored
        ? await this.#documents.compareAndSet(path, data, stored.version)
        : await this.#documents.create(path, data);
      this.#log.info('context.made', {
        key,
        model,
        renewed: made.name === shared?.name,
        expiresAt: made.expiresAt,
      });
      await this.#paid(model, this.#hourOf(model, instructions, made.name === shared?.name));
      if (written === 'stale' || written === 'exists') return await this.#yield(path, made, known);
      known.stored = made;
    } catch (error) {
      this.#refused(key, error);
    }
  }

  /** Storage for an hour, and the instructions read once when the cache is new. */
  #hourOf(model: string, instructions: string, renewed: boolean): NanoUsd {
    const input = this.#book.row(model, Date.now())?.standard.input ?? 0;
    return tokensOf({ instructions }) * (this.#book.contextCache.storagePerHour + (renewed ? 0 : input));
  }

  /** Another instance was faster: its cache is used, ours would cost storage for nothing. */
  async #yield(path: string, made: StoredContext, known: Known): Promise<void> {
    const winner = contextDocument.safeParse((await this.#documents.get(path))?.data).data;
    if (!winner) return;
    known.stored = { name: winner.name, expiresAt: winner.expiresAt.getTime() };
    if (winner.name !== made.name) await this.#api.delete(made.name);
  }

  #refused(key: string, error: unknown): void {
    const known = this.#entry(key);
    known.stored = undefined;
    known.offUntil = Date.now() + AFTER_REFUSAL_MS;
    this.#log.warn('context.refused', { key, error: error instanceof Error ? error.message : String(error) });
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

const tokensOf = ({ instructions }: Pick<ModelRequest, 'instructions'>): number =>
  Math.ceil(instructions.length / CHARACTERS_PER_TOKEN);

const keyOf = ({ model, instructions }: ModelRequest): string =>
  createHash('sha256').update(`${model}\n${instructions}`).digest('hex').slice(0, 32);
