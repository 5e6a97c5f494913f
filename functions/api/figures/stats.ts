import type { RequestHandler } from 'express';
import type { Stats } from '../../../shared/results/api/figures.ts';
import { type OverviewSources, readOverview } from '../../../shared/results/overview.ts';
import type { ScopeOf } from '../http/scope.ts';
import { Remembered } from './remembered.ts';

interface StatsDependencies extends OverviewSources {
  /** Figures may be this old, in milliseconds. */
  cacheMs: number;
  scopeOf: ScopeOf;
}

/** `GET /v1/stats` */
export function showStats({ cacheMs, scopeOf, ...sources }: StatsDependencies): RequestHandler {
  const figures = new Remembered<Stats>(cacheMs);
  return async (request, response) => {
    const { uploader } = scopeOf(request, response);
    const stats = await figures.get(JSON.stringify([uploader]), () => readOverview(sources, uploader));
    response.set('Cache-Control', 'no-store').json(stats);
  };
}
