import type { RequestHandler, Response } from 'express';
import { viewOf } from '../../../shared/results/view.ts';
import { callerOf } from '../http/caller.ts';
import { covers, type ScopeOf } from '../http/scope.ts';
import { Shares } from '../http/shares.ts';
import { Problem } from '../problem.ts';
import type { ChangeEvent, Changes } from './changes.ts';

interface StreamOptions {
  changes: Changes;
  /** Pause between signs of life, in milliseconds. */
  heartbeatMs: number;
  maxListeners: number;
  listenersPerCaller: number;
  scopeOf: ScopeOf;
}

/** A reader that is so far behind is cut off; browsers come back automatically and read the list again. */
const MAX_UNSENT_BYTES = 4_000_000;
const RECONNECT_MS = 2_000;

/**
 * `GET /v1/events`: server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 * `ready` says that every change from here on is sent: read the list after it. `result` carries a result as
 * `/v1/results/{id}` gives it, `deleted` an id; only of pictures that the caller may see. A Last-Event-ID (the time of a
 * change) brings what happened since.
 */
export const streamEvents = ({
  changes,
  heartbeatMs,
  maxListeners,
  listenersPerCaller,
  scopeOf,
}: StreamOptions): RequestHandler => {
  const shares = new Shares(listenersPerCaller);
  return async (request, response) => {
    const { key } = callerOf(response);
    const scope = scopeOf(request, response);
    if (changes.listeners >= maxListeners || !shares.hasRoomFor(key)) {
      throw new Problem(
        'TOO_MANY_LISTENERS',
        'Too many pages are open at once.',
        'Close some, or try again later.',
      );
    }
    response.status(200).set({
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      // Proxies of the nginx family collect answers otherwise.
      'X-Accel-Buffering': 'no',
    });
    // Express answers HEAD by GET's handler, and a stream without a body would never begin.
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    response.write(`retry: ${RECONNECT_MS}\n\n`);

    const tell = (event: ChangeEvent) => {
      if (covers(scope, event.result.document.source.uploader)) send(response, messageOf(event));
    };
    const { ready, end } = changes.listen(tell);
    const giveBack = shares.take(key);
    const heartbeat = setInterval(() => send(response, ': still here\n\n'), heartbeatMs);
    response.once('close', () => {
      clearInterval(heartbeat);
      giveBack();
      end();
    });

    await ready;
    for (const result of missedBy(changes, request.headers['last-event-id'])) {
      tell({ kind: 'changed', result });
    }
    send(response, 'event: ready\ndata: {}\n\n');
  };
};

function missedBy(changes: Changes, lastEventId: string | string[] | undefined) {
  return typeof lastEventId === 'string' && /^\d{1,15}$/.test(lastEventId)
    ? changes.since(Number(lastEventId))
    : [];
}

function messageOf({ kind, result: { id, document } }: ChangeEvent): string {
  switch (kind) {
    case 'changed': {
      const data = JSON.stringify(viewOf(id, document));
      return `id: ${document.updatedAt.getTime()}\nevent: result\ndata: ${data}\n\n`;
    }
    case 'deleted':
      return `event: deleted\ndata: ${JSON.stringify({ id })}\n\n`;
  }
}

function send(response: Response, message: string): void {
  if (response.destroyed || response.writableEnded) return;
  response.write(message);
  if (response.writableLength > MAX_UNSENT_BYTES) response.destroy();
}
