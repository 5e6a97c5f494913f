import { request } from 'node:http';

export interface ServerSentEvent {
  id: string | undefined;
  event: string;
  data: unknown;
}

/** Reads an event stream as any browser would, comments included, until it is closed. */
export interface EventReader {
  events: ServerSentEvent[];
  comments: string[];
  /** Resolves with the first event, earlier ones included, that fits. */
  until(fits: (event: ServerSentEvent) => boolean, withinMs?: number): Promise<ServerSentEvent>;
  close(): void;
}

export function readEvents(url: string, headers: Record<string, string> = {}): EventReader {
  const events: ServerSentEvent[] = [];
  const comments: string[] = [];
  let rest = '';
  const call = request(url, { headers: { Accept: 'text/event-stream', ...headers } }, (response) => {
    response.setEncoding('utf8');
    response.on('error', () => {});
    response.on('data', (text: string) => {
      const blocks = (rest + text).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        if (block.startsWith(':')) comments.push(block.slice(1).trim());
        else if (/^data:/m.test(block)) events.push(parse(block));
      }
    });
  });
  call.on('error', () => {});
  call.end();
  return {
    events,
    comments,
    until: async (fits, withinMs = 60_000) => {
      const endsAt = Date.now() + withinMs;
      for (;;) {
        const found = events.find(fits);
        if (found) return found;
        if (Date.now() > endsAt)
          throw new Error(`no such event within ${withinMs} ms; ${JSON.stringify(events)}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    close: () => call.destroy(),
  };
}

function parse(block: string): ServerSentEvent {
  const field = (name: string): string | undefined => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1];
  return { id: field('id'), event: field('event') ?? 'message', data: JSON.parse(field('data') ?? 'null') };
}
