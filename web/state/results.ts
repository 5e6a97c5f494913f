import type { ResultView } from '../../shared/results/view.ts';
import { followEvents } from '../server/events.ts';
import { type Filter, getResults, RequestFailed } from '../server/requests.ts';
import { announceChange } from './announcements.ts';
import { createStore } from './store.ts';

export interface ResultsState {
  filter: Filter;
  byId: ReadonlyMap<string, ResultView>;
  nextCursor: string | null;
  loading: boolean;
  problem: RequestFailed | undefined;
  connection: 'connecting' | 'live' | 'lost';
}

const PAGE_SIZE = 50;

export const results = createStore<ResultsState>({
  filter: filterFromAddress(),
  byId: new Map(),
  nextCursor: null,
  loading: true,
  problem: undefined,
  connection: 'connecting',
});

/** What the list shows: newest first. */
export const visibleResults = ({ byId, filter }: ResultsState): ResultView[] =>
  [...byId.values()]
    .filter((result) => fits(result, filter))
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt) || b.id.localeCompare(a.id));

const fits = (result: ResultView, { profile, status }: Filter): boolean =>
  (profile === undefined || result.profile === profile) && (status === undefined || result.status === status);

/** Begins to follow the server: the list is read each time the stream of changes begins anew. */
export function followResults(): void {
  followEvents({
    onReady: () => {
      results.set((state) => ({ ...state, connection: 'live' }));
      void reload(false);
    },
    onResult: (result) => {
      announceChange(result, results.get().byId.get(result.id));
      results.set((state) => ({ ...state, byId: merged(state.byId, [result]) }));
    },
    onDeleted: (id) =>
      results.set((state) => ({
        ...state,
        byId: new Map([...state.byId].filter(([other]) => other !== id)),
      })),
    onLost: () => results.set((state) => ({ ...state, connection: 'lost' })),
  });
  void reload(false);
}

export function setFilter(filter: Filter): void {
  results.set((state) => ({ ...state, filter, nextCursor: null }));
  const query = new URLSearchParams({ ...filter }).toString();
  history.replaceState(null, '', query === '' ? location.pathname : `?${query}`);
  void reload(true);
}

/** Reads the first page. `forget` drops what another filter brought, so that the list has no holes. */
async function reload(forget: boolean): Promise<void> {
  const { filter } = results.get();
  results.set((state) => ({ ...state, loading: true }));
  await read(filter, undefined, forget);
}

export async function loadMore(): Promise<void> {
  const { filter, nextCursor } = results.get();
  if (nextCursor !== null) await read(filter, nextCursor, false);
}

async function read(filter: Filter, cursor: string | undefined, forget: boolean): Promise<void> {
  try {
    const page = await getResults(filter, PAGE_SIZE, cursor);
    if (results.get().filter !== filter) return;
    results.set((state) => ({
      ...state,
      byId: merged(forget ? new Map() : state.byId, page.results),
      // A reload after a lost connection keeps the pages that were opened before.
      nextCursor:
        cursor === undefined && !forget && state.nextCursor !== null ? state.nextCursor : page.nextCursor,
      loading: false,
      problem: undefined,
    }));
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    results.set((state) => ({ ...state, loading: false, problem: error }));
  }
}

/** Changes and pages arrive in any order: the later state of a result wins. */
function merged(
  known: ReadonlyMap<string, ResultView>,
  arrived: readonly ResultView[],
): Map<string, ResultView> {
  const next = new Map(known);
  for (const result of arrived) {
    const before = next.get(result.id);
    if (before === undefined || result.updatedAt >= before.updatedAt) next.set(result.id, result);
  }
  return next;
}

function filterFromAddress(): Filter {
  const query = new URLSearchParams(location.search);
  const profile = query.get('profile');
  const status = query.get('status');
  return {
    ...(profile ? { profile } : {}),
    ...(status ? { status: status as NonNullable<Filter['status']> } : {}),
  };
}
