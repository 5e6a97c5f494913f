import type { RequestHandler } from 'express';
import type { Stats } from '../../../shared/api/figures.ts';
import type { Control } from '../../../shared/control/control.ts';
import type { Target } from '../../../shared/control/pause.ts';
import { allProfiles } from '../../../shared/profiles/registry.ts';
import type { ResultReader } from '../../../shared/results/reading.ts';
import { statisticsOf } from '../../../shared/results/statistics.ts';
import { Remembered } from './remembered.ts';

export interface StatsDependencies {
  reader: Pick<ResultReader, 'counts' | 'list'>;
  control: Pick<Control, 'pauseOf'>;
  /** Figures may be this old, in milliseconds. */
  cacheMs: number;
  /** Newest results that the figures are of. */
  sample: number;
}

/** `GET /v1/stats` */
export function showStats(deps: StatsDependencies): RequestHandler {
  const figures = new Remembered(() => read(deps), deps.cacheMs);
  return async (_request, response) => {
    response.set('Cache-Control', 'no-store').json(await figures.get());
  };
}

async function read({ reader, control, sample }: StatsDependencies): Promise<Stats> {
  const [counts, page, paused] = await Promise.all([
    reader.counts(),
    reader.list({ limit: sample }),
    pauses(control),
  ]);
  return {
    at: new Date(Date.now()).toISOString(),
    counts,
    sample: statisticsOf(page.results.map(({ document }) => document)),
    paused,
  };
}

const modelsInUse = (): string[] => [
  ...new Set(allProfiles().flatMap(({ ladder }) => ladder.flatMap(({ models }) => models))),
];

async function pauses(control: StatsDependencies['control']): Promise<Stats['paused']> {
  const targets: Target[] = ['pipeline', ...modelsInUse().map((model) => ({ model }))];
  const found = await Promise.all(
    targets.map(async (target) => ({ target, pause: await control.pauseOf(target) })),
  );
  return found.flatMap(({ target, pause }) =>
    pause
      ? [
          {
            target: target === 'pipeline' ? target : target.model,
            until: Number.isFinite(pause.until) ? new Date(pause.until).toISOString() : null,
            code: pause.code,
            reason: pause.reason,
          },
        ]
      : [],
  );
}
