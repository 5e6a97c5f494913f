import type { ResultView } from '../../shared/results/api/result.ts';

interface EventHandlers {
  /** Every change from now on is sent: the list must be read after this. */
  onReady(): void;
  onResult(result: ResultView): void;
  onDeleted(id: string): void;
  onLost(): void;
}

const RETRY_MS = 3_000;

/** Follows the changes of results for as long as the page is open. */
export function followEvents(handlers: EventHandlers): void {
  const source = new EventSource('/v1/events');
  const dataOf = <T>(event: MessageEvent<string>): T => JSON.parse(event.data) as T;
  source.addEventListener('ready', () => handlers.onReady());
  source.addEventListener('result', (event) => handlers.onResult(dataOf(event)));
  source.addEventListener('deleted', (event) => handlers.onDeleted(dataOf<{ id: string }>(event).id));
  source.addEventListener('error', () => {
    handlers.onLost();
    // Browsers come back after a broken connection, but not after an answer that is no stream.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => followEvents(handlers), RETRY_MS);
  });
}
