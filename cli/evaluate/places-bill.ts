import type { Outcome } from '../../evaluation/outcomes.ts';
import { evidenceShare } from '../../shared/model/read-boxes.ts';
import type { AskModel, ModelReply } from '../../shared/model/request.ts';
import type { PriceList } from '../../shared/prices/price-list.ts';
import { usdOf } from '../../shared/prices/units.ts';
import { DECISION_MODEL } from '../../shared/profiles/decision-step.ts';

interface Rates {
  prices: PriceList;
  /** Absent where no places are asked for. */
  evidencePromptTokens?: number;
}

/**
 * What of one question's cost is for the places of the values. Nobody bills it apart: of the output it is the boxes'
 * share of what each reply says, of the input the length of what asks for them.
 */
export class PlacesBill {
  readonly #rates: Rates;
  #prompt = 0;
  #output = 0;
  #usd = 0;

  constructor(rates: Rates) {
    this.#rates = rates;
  }

  get bill(): Pick<Outcome, 'evidence'> {
    if (this.#rates.evidencePromptTokens === undefined) return {};
    return { evidence: { prompt: this.#prompt, output: this.#output, usd: this.#usd } };
  }

  noting(call: AskModel): AskModel {
    return async (request, signal) => {
      const reply = await call(request, signal);
      this.#note(reply, request.model);
      return reply;
    };
  }

  #note({ end, usage, modelVersion, requested, lane = 'standard' }: ModelReply, asked: string): void {
    const { evidencePromptTokens, prices } = this.#rates;
    const model = requested ?? asked;
    // Who decides among given values says no places, and is not asked for them.
    if (evidencePromptTokens === undefined || usage === null || model === DECISION_MODEL) return;
    const share = 'text' in end ? evidenceShare(end.text) : 0;
    const output = Math.round(usage.output * share);
    const tokens = { prompt: evidencePromptTokens, image: 0, cached: 0, thoughts: 0, output };
    this.#prompt += evidencePromptTokens;
    this.#output += output;
    this.#usd += usdOf(
      prices.costOf({ version: modelVersion, requested: model, usage: tokens, atMs: Date.now(), lane }).nanos,
    );
  }
}
