import type { RequestHandler } from 'express';
import type { Documents } from '../../../shared/cloud/firestore/documents.ts';
import { costReport } from '../../../shared/money/report.ts';
import { dayOf } from '../../../shared/prices/units.ts';
import type { CostView } from '../../../shared/results/api/figures.ts';
import { costParameters } from '../../../shared/results/api/requests.ts';
import { queryOf } from '../http/parameters.ts';
import { Remembered } from './remembered.ts';

const DAY_MS = 86_400_000;
/** Spans of days that are remembered. */
const MAX_SPANS = 40;

/** `GET /v1/cost?days=` */
export function showCost({ documents, cacheMs }: { documents: Documents; cacheMs: number }): RequestHandler {
  const spans = new Map<string, Remembered<CostView>>();
  const reportOf = (from: string, until: string): Promise<CostView> => {
    const key = `${from} ${until}`;
    const known = spans.get(key) ?? new Remembered(() => costReport(documents, from, until), cacheMs);
    if (!spans.has(key) && spans.size >= MAX_SPANS) spans.clear();
    spans.set(key, known);
    return known.get();
  };
  return async (request, response) => {
    const { days = 1 } = queryOf(request, costParameters);
    const now = Date.now();
    const report = await reportOf(dayOf(now - (days - 1) * DAY_MS), dayOf(now));
    response.set('Cache-Control', 'no-store').json(report);
  };
}
