import { z } from 'zod';
import type { Documents } from '../firestore/documents.ts';
import type { Log } from '../log/log.ts';
import { type NanoUsd, nanosOf } from '../prices/money.ts';
import { documentNameOf } from './uploader-keys.ts';

/** Limits of one day in UTC; null is no limit. */
export interface Limits {
  daily: NanoUsd | null;
  /** Of each uploader who has no own one. */
  uploaderDaily: NanoUsd | null;
  uploaders: Readonly<Record<string, NanoUsd>>;
  profiles: Readonly<Record<string, NanoUsd>>;
}

/** Something that money is limited for, named as in `spend/{name}_{day}`. */
export interface Scope {
  name: string;
  /** As people read it in a message. */
  label: string;
  limit: NanoUsd;
  kind: 'pipeline' | 'profile' | 'uploader';
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

export type LiveBudget = z.infer<typeof liveBudget>;

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
export class Budgets {
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
