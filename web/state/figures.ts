import type { Stats } from '../../shared/results/api/figures.ts';
import { stagesOf, VIEW_STATUSES, type ViewStatus } from '../../shared/results/statuses.ts';
import { getStats, RequestFailed } from '../server/requests.ts';
import { listen } from './live.ts';
import { createStore } from './store.ts';

interface Figures {
  stats: Stats | undefined;
  problem: RequestFailed | undefined;
}

/** Counts, latency and pauses of the whole pipeline, a few seconds old. */
export const figures = createStore<Figures>({ stats: undefined, problem: undefined });

const REFRESH_MS = 10_000;
/** After a change; changes come in bursts. */
const SOON_MS = 1_000;

/** Keeps the figures fresh while somebody looks at the page. */
export async function followFigures(): Promise<void> {
  listen({ onChanges: readSoon });
  for (;;) {
    if (document.visibilityState === 'visible') await readFigures();
    await new Promise((resolve) => setTimeout(resolve, REFRESH_MS));
  }
}

let soon: ReturnType<typeof setTimeout> | undefined;

function readSoon(): void {
  if (soon !== undefined || document.visibilityState !== 'visible') return;
  soon = setTimeout(() => {
    soon = undefined;
    void readFigures();
  }, SOON_MS);
}

async function readFigures(): Promise<void> {
  try {
    const stats = await getStats();
    figures.set(() => ({ stats, problem: undefined }));
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    figures.set(({ stats }) => ({ stats, problem: error }));
  }
}

export const countsOf = ({ counts }: Stats): Record<ViewStatus, number> =>
  Object.fromEntries(
    VIEW_STATUSES.map((status) => [status, stagesOf(status).reduce((sum, stage) => sum + counts[stage], 0)]),
  ) as Record<ViewStatus, number>;
