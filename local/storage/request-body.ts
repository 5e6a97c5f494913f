import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { invalid } from './errors.ts';

const MAX_JSON_BYTES = 1024 * 1024;

/** The request's bytes as sent. Leaving the loop early keeps the connection alive, so that a refusal still reaches the client. */
export function bodyOf(request: IncomingMessage): AsyncIterableIterator<Buffer> {
  return request.iterator({ destroyOnReturn: false });
}

/**
 * The bytes a request to the JSON API means: Google's front end inflates what came with `Content-Encoding: gzip` (the
 * Java client sends every small body so), while the XML API stores it as it came.
 * @throws StorageError 400 when the body is not gzip
 */
export function inflatedBodyOf(request: IncomingMessage): AsyncIterableIterator<Buffer> {
  if (request.headers['content-encoding'] !== 'gzip') return bodyOf(request);
  // The callback keeps a broken body from being an uncaught error: the reader of the iterator gets it as well.
  const inflated = pipeline(request, createGunzip(), () => {});
  return inflating(inflated.iterator({ destroyOnReturn: false }));
}

async function* inflating(chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  for (;;) {
    const next = await chunks.next().catch((error: NodeJS.ErrnoException) => {
      if (!error.code?.startsWith('Z_')) throw error;
      throw invalid('The body says Content-Encoding: gzip, but it is not gzip.');
    });
    if (next.done) return;
    yield next.value;
  }
}

/** The request's JSON object; an empty body is an empty object. @throws StorageError 400 */
export async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  return parseJson(await readText(request, 'JSON'));
}

/** A small body as text. @throws StorageError 400 over 1 MiB */
export async function readText(request: IncomingMessage, kind: string): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of inflatedBodyOf(request)) {
    bytes += chunk.length;
    if (bytes > MAX_JSON_BYTES) throw invalid(`The ${kind} body is too large.`);
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString('utf8');
}

export function parseJson(text: string): Record<string, unknown> {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('Parse Error: the body is not JSON.');
  }
  // Go writes a resource that is not there as null.
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw invalid('The body must be a JSON object.');
  }
  return value as Record<string, unknown>;
}
