import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Contents } from './contents.ts';
import { invalid, notImplemented } from './errors.ts';
import type { Notification } from './notifications.ts';
import type { ObjectStore } from './object-store.ts';
import type { ResumableUploads } from './resumable.ts';

const MAX_JSON_BYTES = 1024 * 1024;

/** What every route works on. */
export interface Service {
  store: ObjectStore;
  contents: Contents;
  resumables: ResumableUploads;
  notifications: readonly Notification[];
  /** PEM of the key signed URLs must be signed with; without it any well-formed signature passes. */
  signingKeyPem: string | undefined;
  count: (operation: string) => void;
}

/** One HTTP request and where its answer goes. */
export interface Call {
  request: IncomingMessage;
  response: ServerResponse;
  /** Still percent-encoded: decoding before splitting would break names with slashes. */
  path: string;
  query: URLSearchParams;
  /** `http://host:port` as the client addresses this server. */
  baseUrl: string;
}

export function sendJson(call: Call, body: unknown, status = 200): void {
  const bytes = Buffer.from(JSON.stringify(body));
  call.response.writeHead(status, {
    'Content-Type': 'application/json; charset=UTF-8',
    'Content-Length': bytes.length,
    'Cache-Control': 'no-cache, no-store, max-age=0, must-revalidate',
  });
  call.response.end(bytes);
}

export function sendEmpty(call: Call, status: number, headers: Record<string, string> = {}): void {
  call.response.writeHead(status, { 'Content-Length': 0, ...headers });
  call.response.end();
}

/** The request's bytes. Leaving the loop early keeps the connection alive, so that a refusal still reaches the client. */
export function bodyOf(request: IncomingMessage): AsyncIterableIterator<Buffer> {
  return request.iterator({ destroyOnReturn: false });
}

/** The request's JSON object; an empty body is an empty object. @throws StorageError 400 */
export async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of bodyOf(request)) {
    bytes += chunk.length;
    if (bytes > MAX_JSON_BYTES) throw invalid('The JSON body is too large.');
    parts.push(chunk);
  }
  return parseJson(Buffer.concat(parts).toString('utf8'));
}

export function parseJson(text: string): Record<string, unknown> {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('Parse Error: the body is not JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('The body must be a JSON object.');
  }
  return value as Record<string, unknown>;
}

export function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

/** Storing such an object in the clear would be worse than refusing it. @throws StorageError 501 */
export function refuseCustomerKeys(request: IncomingMessage): void {
  if (request.headers['x-goog-encryption-key'] !== undefined) {
    throw notImplemented('Customer-supplied encryption keys are not available here.');
  }
}

/** @throws StorageError 400 */
export function generationFrom(query: URLSearchParams, name = 'generation'): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^\d{1,16}$/.test(text)) throw invalid(`Invalid value for generation: ${text}`, name);
  return Number(text);
}

export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw invalid('The path is not valid percent-encoded UTF-8.');
  }
}
