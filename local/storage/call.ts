import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Contents } from './contents.ts';
import { invalid, notImplemented } from './errors.ts';
import type { MultipartUploads } from './multipart-uploads.ts';
import type { ObjectStore } from './object-store.ts';
import { partialResponse } from './partial-response.ts';
import type { ResumableUploads } from './resumable.ts';

/** What every route works on. */
export interface Service {
  store: ObjectStore;
  contents: Contents;
  resumables: ResumableUploads;
  multiparts: MultipartUploads;
  project: string;
  /** Absent: the server runs without Pub/Sub. */
  topicExists: ((topic: string) => Promise<boolean>) | undefined;
  /** PEM of the key signed URLs must be signed with; without it any well-formed signature passes. */
  signingKeyPem: string | undefined;
  count: (operation: string) => void;
}

/** One HTTP request and where its answer goes. */
export interface Call {
  request: IncomingMessage;
  response: ServerResponse;
  /** What the client means: `X-HTTP-Method-Override` counts for those that cannot send PATCH (Java). */
  method: string;
  /** Still percent-encoded: decoding before splitting would break names with slashes. */
  path: string;
  query: URLSearchParams;
  /** `http://host:port` as the client addresses this server. */
  baseUrl: string;
}

/** Answers with `body`, or with the part of it that the parameter `fields` selects. */
export function sendJson(call: Call, body: unknown, status = 200): void {
  const fields = call.query.get('fields');
  const bytes = Buffer.from(JSON.stringify(fields ? partialResponse(body, fields) : body));
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
