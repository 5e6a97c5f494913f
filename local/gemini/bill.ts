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

export interface Bill {
  total: BilledTokens;
  /** By `modelVersion` of the replies: prices are per model. */
  byModel: Record<string, BilledTokens>;
}

const nothing = (): BilledTokens => ({
  calls: 0,
  prompt: 0,
  image: 0,
  cached: 0,
  candidates: 0,
  thoughts: 0,
});

/** Sums what answered calls would be billed. Calls that end in an HTTP error cost nothing. */
export class Ledger {
  #byModel = new Map<string, BilledTokens>();

  add(modelVersion: string, usage: UsageMetadata): void {
    const sums = this.#byModel.get(modelVersion) ?? nothing();
    addTo(sums, {
      calls: 1,
      prompt: usage.promptTokenCount,
      image: usage.promptTokensDetails.find((one) => one.modality === 'IMAGE')?.tokenCount ?? 0,
      cached: usage.cachedContentTokenCount ?? 0,
      candidates: usage.candidatesTokenCount ?? 0,
      thoughts: usage.thoughtsTokenCount ?? 0,
    });
    this.#byModel.set(modelVersion, sums);
  }

  bill(): Bill {
    const total = nothing();
    for (const sums of this.#byModel.values()) addTo(total, sums);
    const byModel = Object.fromEntries([...this.#byModel].map(([model, sums]) => [model, { ...sums }]));
    return { total, byModel };
  }

  reset(): void {
    this.#byModel.clear();
  }
}

function addTo(sums: BilledTokens, more: BilledTokens): void {
  for (const key of Object.keys(sums) as (keyof BilledTokens)[]) sums[key] += more[key];
}
