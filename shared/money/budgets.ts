import { z } from 'zod';
import type { Log } from '../base/log.ts';
import type { Documents } from '../cloud/firestore/documents.ts';
import { dayOf, type NanoUsd, nanosOf } from '../prices/units.ts';
import type { Scope } from './budget-document.ts';
import { BudgetShare, type BudgetShareOptions } from './budget-share.ts';
import { documentNameOf } from './uploader-keys.ts';

/** Limits of one day in UTC; null is no limit. */
export interface Limits {
  daily: NanoUsd | null;
  /** Of each uploader who has no own one. */
  uploaderDaily: NanoUsd | null;
  uploaders: Readonly<Record<string, NanoUsd>>;
  profiles: Readonly<Record<string, NanoUsd>>;
}

const usd = z
  .number({ error: 'expected a number of US dollars, or null for no limit' })
  .nonnegative('a budget is never negative')
  .transform(nanosOf);

/** `control/budget`: what an operator changes while the pipeline runs. A field that is absent leaves the variable in force. */
const liveBudget = z.object({
  currency: z.literal('USD', 'expected USD: budgets are counted in US dollars').optional(),
  dailyUsd: usd.nullable().optional(),
  uploaderDailyUsd: usd.nullable().optional(),
  uploaders: z.record(z.string(), usd).optional(),
  profiles: z.record(z.string(), usd).optional(),
});

export const BUDGET_DOCUMENT = 'control/budget';

/** The live limits over the configured ones, or the sentences that say which field cannot be used and why. */
export function withLive(
  configured: Limits,
  data: Record<string, unknown> | undefined,
): Limits | { problems: string[] } {
  const parsed = liveBudget.safeParse(data ?? {});
  if (!parsed.success) {
    return {
      problems: parsed.error.issues.map(
        ({ path, message }) => `${BUDGET_DOCUMENT} ${path.join('.')}: ${message}`,
      ),
    };
  }
  const live = parsed.data;
  return {
    daily: live.dailyUsd === undefined ? configured.daily : live.dailyUsd,
    uploaderDaily: live.uploaderDailyUsd === undefined ? configured.uploaderDaily : live.uploaderDailyUsd,
    uploaders: { ...configured.uploaders, ...live.uploaders },
    profiles: { ...configured.profiles, ...live.profiles },
  };
}

/** What limits one image, widest first. */
export function scopesOf(limits: Limits, profile: string, uploader: string | null): Scope[] {
  const scopes: Scope[] = [];
  if (limits.daily !== null)
    scopes.push({ name: 'pipeline', label: 'the budget of the day', limit: limits.daily, kind: 'pipeline' });
  const ofProfile = Object.hasOwn(limits.profiles, profile) ? limits.profiles[profile] : undefined;
  if (ofProfile !== undefined) {
    const label = `the budget of the day for the profile ${profile}`;
    scopes.push({ name: `profile-${profile}`, label, limit: ofProfile, kind: 'profile' });
  }
  const limit = uploader === null ? null : uploaderLimit(limits, uploader);
  if (uploader !== null && limit !== null) {
    const label = 'the budget of the day for this uploader';
    scopes.push({ name: `uploader-${documentNameOf(uploader)}`, label, limit, kind: 'uploader' });
  }
  return scopes;
}

const uploaderLimit = ({ uploaders, uploaderDaily }: Limits, uploader: string): NanoUsd | null =>
  Object.hasOwn(uploaders, uploader) ? (uploaders[uploader] ?? null) : uploaderDaily;

/** The limits in force: variables, and over them a document that is read again every few seconds. */
export class BudgetLimits {
  readonly #documents: Documents;
  readonly #configured: Limits;
  readonly #log: Log;
  readonly #cacheMs: number;
  #limits: Limits;
  #readAt = Number.NEGATIVE_INFINITY;
  #known = false;
  #reading: Promise<void> | undefined;

  constructor(documents: Documents, configured: Limits, options: { cacheMs: number; log: Log }) {
    this.#documents = documents;
    this.#configured = configured;
    this.#limits = configured;
    this.#cacheMs = options.cacheMs;
    this.#log = options.log;
  }

  /** Throws STORE_UNAVAILABLE; after the first good read once per `cacheMs`, between which the last limits hold. */
  async limits(): Promise<Limits> {
    if (Date.now() - this.#readAt >= this.#cacheMs) {
      this.#reading ??= this.#read();
      await this.#reading;
    }
    return this.#limits;
  }

  /** A document that cannot be used changes nothing: the last good limits hold, and the log says which field is wrong. */
  async #read(): Promise<void> {
    try {
      const stored = await this.#documents.get(BUDGET_DOCUMENT);
      this.#known = true;
      const limits = withLive(this.#configured, stored?.data);
      if ('problems' in limits) this.#log.warn('budget.unusable', { problems: limits.problems });
      else this.#limits = limits;
    } finally {
      // Until then there may be live limits that nobody has seen: the configured ones must not hold in their place.
      if (this.#known) this.#readAt = Date.now();
      this.#reading = undefined;
    }
  }
}

/** Money that is held for one call until it is settled with what was billed. */
export interface Reservation {
  readonly amount: NanoUsd;
  settle(billed: NanoUsd): void;
}

/** What one image may spend, from every budget that covers it. */
export interface ImageBudget {
  /** The day whose budgets it draws on. */
  readonly day: string;
  /** Names of the budgets, for the spend log. */
  readonly scopes: readonly string[];
  /**
   * Holds the first of `amounts`, dearest first, that every budget has left. Throws BUDGET_EXHAUSTED (wait until the
   * named time) or UPLOADER_BUDGET_EXHAUSTED (refused: spent, not merely held by others). `waitMs`: for how long money
   * that others hold is waited for.
   */
  reserve(
    amounts: readonly NanoUsd[],
    signal: AbortSignal,
    options?: { waitMs: number },
  ): Promise<Reservation>;
}

const DAY_MS = 86_400_000;

/** Hands out the budgets of images; one per instance. */
export class DayBudgets {
  readonly #documents: Documents;
  readonly #budgets: BudgetLimits;
  readonly #options: BudgetShareOptions;
  readonly #accounts = new Map<string, { account: BudgetShare; day: string }>();

  constructor(documents: Documents, budgets: BudgetLimits, options: BudgetShareOptions) {
    this.#documents = documents;
    this.#budgets = budgets;
    this.#options = options;
  }

  async budgetFor(image: { profile: string; uploader: string | null }): Promise<ImageBudget> {
    const scopes = scopesOf(await this.#budgets.limits(), image.profile, image.uploader);
    const day = dayOf(Date.now());
    // Once and for all: looked up again after midnight, they would be new ones that have forgotten what was spent.
    const accounts = scopes.map((scope) => ({ scope, account: this.#accountOf(scope.name, day) }));
    return {
      day,
      scopes: scopes.map(({ name }) => name),
      reserve: (amounts, signal, { waitMs } = this.#options) =>
        reserveFrom(accounts, amounts, signal, waitMs),
    };
  }

  #accountOf(scope: string, day: string): BudgetShare {
    const key = `${scope}_${day}`;
    const existing = this.#accounts.get(key);
    if (existing) return existing.account;
    // Yesterday's stay: a clock that steps back over midnight must find what was spent of them.
    const kept = dayOf(Date.parse(day) - DAY_MS);
    for (const [other, { day: itsDay }] of this.#accounts) if (itsDay < kept) this.#accounts.delete(other);
    const account = new BudgetShare(this.#documents, scope, day, this.#options);
    this.#accounts.set(key, { account, day });
    return account;
  }
}

/** From every scope the same amount, or from none. */
async function reserveFrom(
  accounts: readonly { scope: Scope; account: BudgetShare }[],
  amounts: readonly NanoUsd[],
  signal: AbortSignal,
  waitMs: number,
): Promise<Reservation> {
  const held: { account: BudgetShare; amount: NanoUsd }[] = [];
  const settle = (billed: NanoUsd) => {
    for (const { account, amount } of held.splice(0)) account.settle(amount, billed);
  };
  try {
    let amount = Math.max(...amounts);
    for (const { scope, account } of accounts) {
      const affordable = amounts.filter((each) => each <= amount);
      amount = await account.reserve(affordable, scope, signal, waitMs);
      held.push({ account, amount });
    }
    return { amount, settle };
  } catch (error) {
    settle(0);
    throw error;
  }
}
