import type { IncomingMessage } from 'node:http';
import type { ApiName } from './address.ts';
import { invalidArgument, payloadTooLarge } from './errors.ts';
import { MAX_REQUEST_BYTES } from './http-faults.ts';

/**
 * Reads a JSON body of at most what the API takes. A larger one is read to its end and thrown away, because a client that still
 * writes would see a broken connection instead of the answer.
 *
 * @throws GeminiError 400
 */
export async function readJson(request: IncomingMessage, api: ApiName = 'developer'): Promise<unknown> {
  const limit = MAX_REQUEST_BYTES[api];
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (size > limit) throw payloadTooLarge(400, limit);
  return size === 0 ? {} : parse(Buffer.concat(chunks, size).toString('utf8'));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const near = text.slice(0, 40).replaceAll('\n', ' ');
    throw invalidArgument(`Invalid JSON payload received. Unexpected token.\n${near}\n^`);
  }
}
