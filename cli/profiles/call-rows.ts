import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import type { CallCharges, ModelRequest, OpenCharge } from '../../shared/model/request.ts';
import { PriceList } from '../../shared/prices/price-list.ts';
import { usdOf } from '../../shared/prices/units.ts';
import type { Attempt } from '../../shared/results/document.ts';

type End = Pick<Attempt, 'model' | 'outcome' | 'tokens' | 'costUsd'>;

/** A row for each call of a trial, with its price. Nothing is reserved and no budget is asked: a person decides. */
export class CallRows {
  readonly attempts: Attempt[] = [];
  readonly #prices = new PriceList();

  /** For the requests of one step of the ladder, counted from 0. */
  at(step: number): CallCharges {
    return { begin: async (request) => this.#open(request, step, Date.now()) };
  }

  /** What the last answer was worth, once it has been judged. */
  judged(outcome: string): void {
    const last = this.attempts.at(-1);
    if (last) last.outcome = outcome;
  }

  #open(request: ModelRequest, step: number, startedAt: number): OpenCharge {
    let over = false;
    const end = (row: End) => {
      if (over) return;
      over = true;
      this.attempts.push({ ...row, step, latencyMs: Date.now() - startedAt, at: new Date(startedAt) });
    };
    return {
      request,
      answered: ({ modelVersion: version, usage }) => {
        const costUsd = usage === null ? null : this.#cost(version, request.model, usage, startedAt);
        end({ model: version, outcome: 'answered', tokens: usage, costUsd });
      },
      failed: (error) =>
        end({ model: request.model, outcome: PipelineError.from(error).code, tokens: null, costUsd: null }),
    };
  }

  /** Null for a model that is not in the price table: an unknown price is not zero. */
  #cost(
    version: string,
    requested: string,
    usage: NonNullable<Attempt['tokens']>,
    atMs: number,
  ): number | null {
    const known = this.#prices.modelOfVersion(version) ?? this.#prices.model(requested);
    return known ? usdOf(this.#prices.costOf({ version, requested, usage, atMs }).nanos) : null;
  }
}
