import type { CostLine, CostReport } from '../../shared/money/report.ts';
import { LANES } from '../../shared/prices/lanes.ts';
import type { PriceList } from '../../shared/prices/price-list.ts';
import type { PriceConfidence } from '../../shared/prices/table-schema.ts';
import { usdOf } from '../../shared/prices/units.ts';

/** What the calls of one model cost when they were made, and what the table of this code makes of their tokens. */
export interface CheckedModel {
  model: string;
  calls: number;
  recordedUsd: number;
  /** Undefined where the table has no price for the model. */
  repricedUsd: number | undefined;
  confidence: PriceConfidence | undefined;
  /** More than a hundredth apart: the calls were made with other prices than those of this table. */
  differs: boolean;
}

const TOLERANCE = 0.01;
/** Days before calls were recorded with their estimates cannot be compared. */
const COMPARABLE_SHARE = 0.9;

/** Prices the tokens of reports of single days again. The rows of a model are summed over the days. */
export function checkPrices(prices: PriceList, days: readonly CostReport[]): CheckedModel[] {
  const sums = new Map<string, CheckedModel>();
  for (const { from, models } of days) {
    for (const [model, line] of Object.entries(models)) {
      if (line.compared.calls < line.calls * COMPARABLE_SHARE || line.calls === 0) continue;
      const before = sums.get(model);
      const now = checked(prices, model, line, Date.parse(from));
      sums.set(model, before ? together(before, now) : now);
    }
  }
  return [...sums.values()]
    .map((row) => ({ ...row, differs: isApart(row.recordedUsd, row.repricedUsd) }))
    .toSorted((a, b) => b.recordedUsd - a.recordedUsd);
}

/** `name` is a model, or one with the lane that served it: `gemini-3.5-flash-lite/flex`. */
function checked(prices: PriceList, name: string, line: CostLine, atMs: number): CheckedModel {
  const [model = name, suffix] = name.split('/');
  const lane = LANES.find((one) => one === suffix) ?? 'standard';
  const isKnown = prices.row(model, atMs)?.[lane] !== undefined;
  const call = { version: model, requested: model, usage: line.tokens, atMs, lane };
  return {
    model: name,
    calls: line.compared.calls,
    recordedUsd: line.compared.usd,
    repricedUsd: isKnown ? usdOf(prices.costOf(call).nanos) : undefined,
    confidence: prices.confidenceOf(model, atMs, lane),
    differs: false,
  };
}

const together = (a: CheckedModel, b: CheckedModel): CheckedModel => ({
  ...b,
  calls: a.calls + b.calls,
  recordedUsd: a.recordedUsd + b.recordedUsd,
  repricedUsd:
    a.repricedUsd === undefined || b.repricedUsd === undefined ? undefined : a.repricedUsd + b.repricedUsd,
});

/** Relative to what was recorded. */
export const isApart = (recordedUsd: number, otherUsd: number | undefined, tolerance = TOLERANCE): boolean =>
  otherUsd === undefined || Math.abs(otherUsd - recordedUsd) > recordedUsd * tolerance;
