import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { RecordedCall } from './calls.ts';

/** What goes back over the wire, and what the call log keeps of it. */
export type Sent = SentKind & {
  outcome: string;
  outputTokens?: number;
  seen?: Pick<RecordedCall, 'promptTokens' | 'imageTokens' | 'images' | 'tier' | 'served'>;
};

type SentKind =
  | { kind: 'reply'; status: number; body: unknown; headers: Record<string, string> }
  | { kind: 'events'; status: number; events: readonly unknown[]; headers: Record<string, string> }
  | { kind: 'stream'; content: Readable; headers: Record<string, string> }
  | { kind: 'resetMidBody'; body: unknown }
  | { kind: 'reset' }
  | { kind: 'hang' };

export const json = (status: number, body: unknown, outcome: string): Sent => ({
  kind: 'reply',
  status,
  body,
  headers: {},
  outcome,
});

/** Sends it and returns the status for the log: 0 for a broken connection, -1 for no answer. */
export function send(response: ServerResponse, sent: Sent): number {
  switch (sent.kind) {
    case 'reply':
      sendBody(response, sent.status, sent.body, sent.headers);
      return sent.status;
    case 'events':
      sendEvents(response, sent.events, sent.headers);
      return sent.status;
    case 'stream':
      response.writeHead(200, sent.headers);
      sent.content.on('error', () => response.destroy()).pipe(response);
      return 200;
    case 'resetMidBody':
      breakMidBody(response, JSON.stringify(sent.body));
      return 0;
    case 'reset':
      response.socket?.resetAndDestroy();
      return 0;
    case 'hang':
      return -1;
  }
}

function sendBody(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string>,
): void {
  const isText = typeof body === 'string';
  const bytes = Buffer.from(isText ? body : JSON.stringify(body));
  const type =
    isText && body.startsWith('<') ? 'text/html; charset=UTF-8' : 'application/json; charset=UTF-8';
  response.writeHead(status, { 'content-type': type, 'content-length': bytes.length, ...headers });
  response.end(bytes);
}

/** Server-sent events with CRLF line ends, as Google writes them. */
function sendEvents(
  response: ServerResponse,
  events: readonly unknown[],
  headers: Record<string, string>,
): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
  for (const event of events) response.write(`data: ${JSON.stringify(event)}\r\n\r\n`);
  response.end();
}

function breakMidBody(response: ServerResponse, text: string): void {
  const bytes = Buffer.from(text);
  response.writeHead(200, {
    'content-type': 'application/json; charset=UTF-8',
    'content-length': bytes.length,
  });
  response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => response.socket?.resetAndDestroy());
}
