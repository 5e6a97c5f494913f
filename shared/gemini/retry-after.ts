import { subscribe } from 'node:diagnostics_channel';

/**
 * The SDK does not hand out response headers, so Retry-After is read where Node's own fetch announces each response:
 * the channel undici:request:headers (https://github.com/nodejs/undici/blob/main/docs/docs/api/DiagnosticsChannel.md).
 * A request is recognized by the value of HEADER, which the caller chooses.
 */
export const HEADER = 'x-pipeline-call';

interface Announcement {
  request: { headers: unknown };
  response: { statusCode: number; headers: Buffer[] };
}

const waiting = new Map<string, (retryAfter: string) => void>();
let subscribed = false;

/** Runs `call` and hands `onHeader` the Retry-After of the response to the request that carries `id` in HEADER. */
export async function watchRetryAfter<T>(
  id: string,
  onHeader: (milliseconds: number) => void,
  call: () => Promise<T>,
): Promise<T> {
  if (!subscribed) {
    subscribed = true;
    subscribe('undici:request:headers', (message) => announce(message as Announcement));
  }
  waiting.set(id, (value) => {
    const milliseconds = parseRetryAfter(value, Date.now());
    if (milliseconds !== undefined) onHeader(milliseconds);
  });
  try {
    return await call();
  } finally {
    waiting.delete(id);
  }
}

function announce({ request, response }: Announcement): void {
  if (response.statusCode < 400 || waiting.size === 0) return;
  const id = headerOf(request.headers, HEADER);
  const retryAfter = headerOf(response.headers, 'retry-after');
  if (id !== undefined && retryAfter !== undefined) waiting.get(id)?.(retryAfter);
}

/** Headers come as a flat list of names and values. */
function headerOf(headers: unknown, name: string): string | undefined {
  if (!Array.isArray(headers)) return undefined;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (String(headers[i]).toLowerCase() === name) return String(headers[i + 1]);
  }
  return undefined;
}

/** Seconds or an HTTP date (RFC 9110, 10.2.3), as milliseconds from now. */
export function parseRetryAfter(value: string, nowMs: number): number | undefined {
  if (/^\d+(\.\d+)?$/.test(value.trim())) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
