import type { RequestHandler } from 'express';
import type { Documents } from '../../../shared/cloud/firestore/documents.ts';
import { costReport, uploaderCostReport } from '../../../shared/money/report.ts';
import { dayOf } from '../../../shared/prices/units.ts';
import type { CostView } from '../../../shared/results/api/figures.ts';
import { costParameters } from '../../../shared/results/api/requests.ts';
import { queryOf } from '../http/parameters.ts';
import type { ScopeOf } from '../http/scope.ts';
import { Remembered } from './remembered.ts';

interface CostDependencies {
  documents: Documents;
  /** Figures may be this old, in milliseconds. */
  cacheMs: number;
  scopeOf: ScopeOf;
}

const DAY_MS = 86_400_000;

/** `GET /v1/cost?days=` */
export function showCost({ documents, cacheMs, scopeOf }: CostDependencies): RequestHandler {
  const reports = new Remembered<CostView>(cacheMs);
  return async (request, response) => {
    const { days = 1 } = queryOf(request, costParameters);
    const { uploader } = scopeOf(request, response);
    const now = Date.now();
    const [from, until] = [dayOf(now - (days - 1) * DAY_MS), dayOf(now)];
    const report = await reports.get(JSON.stringify([from, until, uploader]), () =>
      uploader === undefined
        ? costReport(documents, from, until)
        : uploaderCostReport(documents, from, until, uploader),
    );
    response.set('Cache-Control', 'no-store').json(report);
  };
}
