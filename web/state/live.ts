import type { ResultView } from '../../shared/results/api/result.ts';
import { followEvents } from '../server/events.ts';
import { createStore } from './store.ts';

type Connection = 'connecting' | 'live' | 'lost';

export const connection = createStore<Connection>('connecting');

/** What happened since the last time, in order. */
export interface Changes {
  results: readonly ResultView[];
  deleted: readonly string[];
}

interface LiveListener {
  onChanges(changes: Changes): void;
  /** Every change from now on is sent; some before it may not have been. */
  onReady?(): void;
}

const listeners = new Set<LiveListener>();

/** Tells `listener` of changes until the returned function is called. */
export function listen(listener: LiveListener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Changes within this time are announced together: a page that draws each of hundreds per second does nothing else. Milliseconds. */
const GATHER_MS = 100;

let results = new Map<string, ResultView>();
let deleted = new Set<string>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** Follows the server for as long as the page is open. */
export function followServer(): void {
  followEvents({
    onReady: () => {
      connection.set(() => 'live');
      for (const { onReady } of listeners) onReady?.();
    },
    onResult: (result) => {
      results.set(result.id, result);
      deleted.delete(result.id);
      gather();
    },
    onDeleted: (id) => {
      results.delete(id);
      deleted.add(id);
      gather();
    },
    onLost: () => connection.set(() => 'lost'),
  });
}

/** A change that this page itself made and need not wait to be notified of. */
export function tell(change: Partial<Changes>): void {
  const changes = { results: [], deleted: [], ...change };
  for (const { onChanges } of listeners) onChanges(changes);
}

function gather(): void {
  if (timer !== undefined) return;
  timer = setTimeout(() => {
    const changes = { results: [...results.values()], deleted: [...deleted] };
    results = new Map();
    deleted = new Set();
    timer = undefined;
    tell(changes);
  }, GATHER_MS);
}
