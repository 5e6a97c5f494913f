import type { ResultView } from '../../shared/results/api/result.ts';
import type { ViewStatus } from '../../shared/results/statuses.ts';
import { getResults, RequestFailed } from '../server/requests.ts';
import { listen } from './live.ts';
import { createStore } from './store.ts';

export const ENDS = ['completed', 'failed', 'refused', 'parked'] as const;
export type End = (typeof ENDS)[number];

/** What ended within one minute. */
interface Minute {
  counts: Record<End, number>;
  /** Time from upload to answer of completed results, in milliseconds; at most a fixed number of them. */
  totalsMs: number[];
}

export const MINUTE_MS = 60_000;
/** How far back is remembered, in minutes. */
export const KEPT_MINUTES = 60;

const MAX_SAMPLES = 500;
const SEED_PAGES = 5;
const PAGE = 200;

/** Results that ended lately, by minutes since 1970. Counted from what the server tells: exact for as long as the page is open. */
const minutes = new Map<number, Minute>();
const counted = new Map<string, { status: ViewStatus; minute: number }>();

/** Grows when something ended; `since` is the first minute (since 1970) of which everything is known. */
export const recent = createStore({ version: 0, since: Math.floor(Date.now() / MINUTE_MS) });

export const minuteAt = (minute: number): Minute | undefined => minutes.get(minute);

export const followRecent = (): (() => void) => listen({ onChanges: ({ results }) => count(results) });

let isSeeded = false;

/** Reads what ended before the page was opened, once: the newest results of the last hour, as far as they fit. */
export async function seedRecent(): Promise<void> {
  if (isSeeded) return;
  isSeeded = true;
  const from = Date.now() - KEPT_MINUTES * MINUTE_MS;
  try {
    const oldest = await readBack(from);
    recent.set(({ version }) => ({ version: version + 1, since: Math.ceil(oldest / MINUTE_MS) }));
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    isSeeded = false;
  }
}

/** Resolves with the moment from which on everything was read, in epoch milliseconds. */
async function readBack(fromMs: number): Promise<number> {
  let cursor: string | undefined;
  for (let page = 0; page < SEED_PAGES; page += 1) {
    const { results, nextCursor } = await getResults({ from: new Date(fromMs).toISOString() }, PAGE, cursor);
    count(results);
    if (nextCursor === null) return fromMs;
    cursor = nextCursor;
    const oldest = results.at(-1);
    if (oldest && page === SEED_PAGES - 1) return Date.parse(oldest.createdAt);
  }
  return fromMs;
}

function count(results: readonly ResultView[]): void {
  const before = counted.size;
  for (const result of results) countOne(result);
  const oldest = Math.floor(Date.now() / MINUTE_MS) - KEPT_MINUTES;
  for (const minute of minutes.keys()) if (minute < oldest) minutes.delete(minute);
  if (counted.size > before) {
    for (const [id, { minute }] of counted) if (minute < oldest) counted.delete(id);
    recent.set((state) => ({ ...state, version: state.version + 1 }));
  }
}

function countOne({ id, status, updatedAt, timings, replayedAt }: ResultView): void {
  const known = counted.get(id);
  if (!isEnd(status)) {
    // A replay ends once more, perhaps in the same way.
    counted.delete(id);
    return;
  }
  if (known?.status === status) return;
  const minute = Math.floor(Date.parse(updatedAt) / MINUTE_MS);
  counted.set(id, { status, minute });
  const entry = minutes.get(minute) ?? {
    counts: { completed: 0, failed: 0, refused: 0, parked: 0 },
    totalsMs: [],
  };
  entry.counts[status] += 1;
  // A replay is another wait than that for an upload.
  const isUpload = status === 'completed' && replayedAt === undefined;
  if (isUpload && timings.totalMs !== undefined && entry.totalsMs.length < MAX_SAMPLES)
    entry.totalsMs.push(timings.totalMs);
  minutes.set(minute, entry);
}

const isEnd = (status: ViewStatus): status is End => (ENDS as readonly string[]).includes(status);
