import type { ServiceTier } from './tiers.ts';
import type { UsageMetadata } from './usage.ts';

/** Tokens as a bill counts them; `prompt` includes `cached`, `image` is part of `prompt`. */
export interface BilledTokens {
  calls: number;
  prompt: number;
  image: number;
  cached: number;
  candidates: number;
  thoughts: number;
}

/** Explicit context caches: tokens read when they were made, and tokens times the hours that they were booked for. */
interface BilledContexts {
  made: number;
  tokenHours: number;
}

export interface Bill {
  total: BilledTokens;
  /** By `modelVersion`; storage and making of caches, which no call's usage shows. */
  contexts: Record<string, BilledContexts>;
  /** By `modelVersion` of the replies. */
  byModel: Record<string, BilledTokens>;
  /** By the tier that served, then by `modelVersion`: prices are per tier and model. */
  byTier: Partial<Record<ServiceTier, Record<string, BilledTokens>>>;
}

const nothing = (): BilledTokens => ({
  calls: 0,
  prompt: 0,
  image: 0,
  cached: 0,
  candidates: 0,
  thoughts: 0,
});

const HOUR_MS = 3_600_000;

/** Sums what answered calls and context caches would be billed. Calls that end in an HTTP error cost nothing. */
export class Ledger {
  #byTier = new Map<ServiceTier, Map<string, BilledTokens>>();
  #contexts = new Map<string, BilledContexts>();

  addContext(modelVersion: string, tokens: number, keptMs: number): void {
    const sums = this.#contexts.get(modelVersion) ?? { made: 0, tokenHours: 0 };
    sums.made += tokens;
    this.#contexts.set(modelVersion, sums);
    this.extendContext(modelVersion, tokens, keptMs);
  }

  extendContext(modelVersion: string, tokens: number, moreMs: number): void {
    const sums = this.#contexts.get(modelVersion);
    if (sums) sums.tokenHours += (tokens * moreMs) / HOUR_MS;
  }

  add(modelVersion: string, usage: UsageMetadata, tier: ServiceTier): void {
    const byModel = this.#byTier.get(tier) ?? new Map<string, BilledTokens>();
    this.#byTier.set(tier, byModel);
    const sums = byModel.get(modelVersion) ?? nothing();
    addTo(sums, {
      calls: 1,
      prompt: usage.promptTokenCount,
      image: usage.promptTokensDetails.find((one) => one.modality === 'IMAGE')?.tokenCount ?? 0,
      cached: usage.cachedContentTokenCount ?? 0,
      candidates: usage.candidatesTokenCount ?? 0,
      thoughts: usage.thoughtsTokenCount ?? 0,
    });
    byModel.set(modelVersion, sums);
  }

  bill(): Bill {
    const total = nothing();
    const byModel: Record<string, BilledTokens> = {};
    for (const [model, sums] of [...this.#byTier.values()].flatMap((models) => [...models])) {
      addTo(total, sums);
      byModel[model] ??= nothing();
      addTo(byModel[model], sums);
    }
    const byTier = Object.fromEntries(
      [...this.#byTier].map(([tier, models]) => [
        tier,
        Object.fromEntries([...models].map(([model, sums]) => [model, { ...sums }])),
      ]),
    );
    const contexts = Object.fromEntries([...this.#contexts].map(([model, sums]) => [model, { ...sums }]));
    return { total, byModel, byTier, contexts };
  }

  reset(): void {
    this.#byTier.clear();
    this.#contexts.clear();
  }
}

function addTo(sums: BilledTokens, more: BilledTokens): void {
  for (const key of Object.keys(sums) as (keyof BilledTokens)[]) sums[key] += more[key];
}
