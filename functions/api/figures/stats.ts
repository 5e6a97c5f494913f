import type { RequestHandler } from 'express';
import { type OverviewSources, readOverview } from '../../../shared/results/overview.ts';
import { Remembered } from './remembered.ts';

/** `GET /v1/stats`; the figures may be `cacheMs` old. */
export function showStats({ cacheMs, ...sources }: OverviewSources & { cacheMs: number }): RequestHandler {
  const figures = new Remembered(() => readOverview(sources), cacheMs);
  return async (_request, response) => {
    response.set('Cache-Control', 'no-store').json(await figures.get());
  };
}
