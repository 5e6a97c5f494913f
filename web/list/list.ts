import type { ResultView } from '../../shared/results/api/result.ts';
import { rename } from '../routing/route.ts';
import { getResults, RequestFailed } from '../server/requests.ts';
import { announceChange } from '../state/announcements.ts';
import { type Changes, listen } from '../state/live.ts';
import { createStore } from '../state/store.ts';
import {
  type Chunks,
  chunkOf,
  compareKeys,
  find,
  newestOf,
  putAway,
  refilled,
  without,
  withResult,
} from './chunks.ts';
import { type Filter, filterOf, fits, listHref, parametersOf } from './filter.ts';

export interface ListState {
  filter: Filter;
  /** What the filter asks of the server; a span of time keeps the beginning that it had when it was chosen. */
  parameters: Readonly<Record<string, string>>;
  chunks: Chunks;
  /** Null at the end of the list. */
  nextCursor: string | null;
  /** New results that wait until the top is seen, so that nothing moves under the reader's eyes. */
  held: readonly ResultView[];
  isReading: boolean;
  problem: RequestFailed | undefined;
}

const PAGE_SIZE = 100;
const MAX_PAGE_SIZE = 200;
/** Pages that stay in memory on each side of what is seen. */
const REACH = 4;
/** More than this on top of the first page, and the list starts over. */
const MAX_FIRST = 400;

export const list = createStore<ListState>(stateFor(filterOf(location.search)));

/** Where the reader is in the list, kept while another view is open. Pixels. */
export const place = { isAtTop: true, scrollY: 0, rowHeight: 66, opened: '' };

function stateFor(filter: Filter): ListState {
  const parameters = parametersOf(filter, Date.now());
  return { filter, parameters, chunks: [], nextCursor: null, held: [], isReading: true, problem: undefined };
}

/** Begins to follow the server: the list is read each time the stream of changes starts over. */
export function followList(): void {
  listen({ onReady: () => void catchUp(), onChanges: take });
  void readFirst();
}

export function setFilter(filter: Filter): void {
  rename(listHref(filter));
  useFilter(filter);
}

/** The filter of the address holds again, after the back button. */
export function filterFromAddress(): void {
  const filter = filterOf(location.search);
  if (location.pathname === '/' && listHref(filter) !== listHref(list.get().filter)) useFilter(filter);
}

function useFilter(filter: Filter): void {
  // The rows of the filter before stay until the new ones are there: a list that blinks is harder to read.
  list.set(({ chunks }) => ({ ...stateFor(filter), chunks }));
  void readFirst();
}

async function readFirst(): Promise<void> {
  const { parameters } = list.get();
  list.set((state) => ({ ...state, isReading: true }));
  await read(parameters, PAGE_SIZE, undefined, ({ results, nextCursor }, state) => ({
    ...state,
    chunks: [chunkOf(undefined, results)].filter((chunk) => chunk !== undefined),
    nextCursor,
    held: [],
    isReading: false,
  }));
}

/** After a break: the newest results as if they had just changed, and the rest again when it is seen. */
async function catchUp(): Promise<void> {
  const { parameters, chunks, isReading } = list.get();
  if (isReading && chunks.length === 0) return readFirst();
  await read(parameters, PAGE_SIZE, undefined, ({ results, nextCursor }, state) => {
    const newest = newestOf(state.chunks);
    const oldest = results.at(-1);
    const hasGap = !newest || (nextCursor !== null && oldest && compareKeys(oldest, newest) < 0);
    if (hasGap || place.isAtTop) {
      const first = chunkOf(undefined, results);
      return { ...state, chunks: first ? [first] : [], nextCursor, held: [], isReading: false };
    }
    const stale = state.chunks.map((chunk) => ({ ...chunk, isStale: true }));
    return applied({ ...state, chunks: stale }, { results, deleted: [] });
  });
}

let isReadingOn = false;

/** Reads the page after the last one, once at a time. */
export async function readOn(): Promise<void> {
  const { parameters, nextCursor, isReading } = list.get();
  if (nextCursor === null || isReadingOn || isReading) return;
  isReadingOn = true;
  await read(parameters, PAGE_SIZE, nextCursor, (page, state) => {
    const chunk = chunkOf(nextCursor, page.results);
    return { ...state, chunks: chunk ? [...state.chunks, chunk] : state.chunks, nextCursor: page.nextCursor };
  });
  isReadingOn = false;
}

const readingAgain = new Set<string>();

/** The chunks that are in sight now: reads what is missing of them and puts away what is far. */
export function see(from: number, to: number): void {
  const { parameters, chunks } = list.get();
  for (const { cursor, results, isStale, length } of chunks.slice(from, to + 1)) {
    if (cursor === undefined || (results && !isStale) || readingAgain.has(cursor)) continue;
    readingAgain.add(cursor);
    const limit = Math.min(MAX_PAGE_SIZE, Math.max(PAGE_SIZE, length));
    void read(parameters, limit, cursor, (page, state) => ({
      ...state,
      chunks: state.chunks.map((chunk) => (chunk.cursor === cursor ? refilled(chunk, page.results) : chunk)),
    })).finally(() => readingAgain.delete(cursor));
  }
  const kept = putAway(chunks, from, to, REACH);
  if (kept !== chunks) list.set((state) => ({ ...state, chunks: putAway(state.chunks, from, to, REACH) }));
}

/** The top is in sight again: what waited for it is shown. */
export function showHeld(): void {
  const { held } = list.get();
  if (held.length === 0) return;
  if (held.length >= PAGE_SIZE) return void readFirst();
  list.set((state) => ({
    ...state,
    chunks: state.held.reduce<Chunks>((chunks, result) => withResult(chunks, result, true), state.chunks),
    held: [],
  }));
}

function take(changes: Changes): void {
  for (const told of meanwhile) told.push(changes);
  for (const result of changes.results) announceChange(result, find(list.get().chunks, result.id));
  list.set((state) => applied(state, changes));
  const [first] = list.get().chunks;
  if (place.isAtTop && first && first.length > MAX_FIRST) void readFirst();
}

function applied(state: ListState, { results, deleted }: Changes): ListState {
  const { parameters, nextCursor } = state;
  const gone = new Set(deleted);
  let held = state.held.filter(({ id }) => !gone.has(id));
  let chunks = deleted.reduce(without, state.chunks);
  for (const result of results) {
    held = held.filter(({ id }) => id !== result.id);
    if (!fits(result, parameters)) chunks = without(chunks, result.id);
    else if (place.isAtTop || !isNewer(result, chunks))
      chunks = withResult(chunks, result, nextCursor === null);
    else held = [result, ...held].slice(0, PAGE_SIZE);
  }
  return { ...state, chunks, held };
}

function isNewer(result: ResultView, chunks: Chunks): boolean {
  const newest = newestOf(chunks);
  return newest !== undefined && newest.id !== result.id && compareKeys(result, newest) < 0;
}

/** Changes that arrived while a page was read, which it may not have yet. */
const meanwhile = new Set<Changes[]>();

/** Reads a page and lets `use` put it into the state, unless another filter holds by then. */
async function read(
  parameters: ListState['parameters'],
  limit: number,
  cursor: string | undefined,
  use: (page: Awaited<ReturnType<typeof getResults>>, state: ListState) => ListState,
): Promise<void> {
  const told: Changes[] = [];
  meanwhile.add(told);
  try {
    const page = await getResults(parameters, limit, cursor);
    if (list.get().parameters !== parameters) return;
    list.set((state) => told.reduce(applied, { ...use(page, state), problem: undefined }));
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    if (list.get().parameters === parameters)
      list.set((state) => ({ ...state, isReading: false, problem: error }));
  } finally {
    meanwhile.delete(told);
  }
}
