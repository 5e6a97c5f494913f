import type { Call } from './call.ts';
import { invalid } from './errors.ts';
import { readParts } from './multipart.ts';
import { inflatedBodyOf } from './request-body.ts';

/** https://cloud.google.com/storage/docs/batch */
const MAX_CALLS = 100;
const CALL_LINE = /^(GET|PUT|POST|PATCH|DELETE) (\S+)(?: HTTP\/\d(?:\.\d)?)?$/;
/** Headers that describe the part, not the call in it. */
const OF_THE_CONNECTION = new Set(['content-length', 'host', 'connection', 'content-transfer-encoding']);

interface BatchedCall {
  id: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

export const isBatchPath = (path: string): boolean => /^\/batch(?:\/storage\/v1)?\/?$/.test(path);

/**
 * `POST /batch/storage/v1`: up to 100 calls in one `multipart/mixed` body, answered in their order. Each goes through
 * this server's own door, so that it is answered exactly as it would be alone.
 */
export async function batchRoute(call: Call): Promise<boolean> {
  if (call.method !== 'POST') return false;
  const parts = await readParts(inflatedBodyOf(call.request), call.request.headers['content-type']);
  if (parts.length > MAX_CALLS)
    throw invalid(`A batch takes at most ${MAX_CALLS} calls; it has ${parts.length}.`);
  const calls = parts.map(batchedCall);
  const boundary = 'batch_of_the_local_server';
  const answers: string[] = [];
  for (const one of calls) answers.push(await answerOf(call, one));
  const body = `${answers.map((answer) => `--${boundary}\r\n${answer}\r\n`).join('')}--${boundary}--\r\n`;
  call.response.writeHead(200, {
    'Content-Type': `multipart/mixed; boundary=${boundary}`,
    'Content-Length': Buffer.byteLength(body),
  });
  call.response.end(body);
  return true;
}

function batchedCall({ headers, body }: { headers: Map<string, string>; body: string }): BatchedCall {
  const [head = '', ...rest] = body.replace(/^\s+/, '').split(/\r?\n\r?\n/);
  const [line = '', ...headerLines] = head.split(/\r?\n/);
  const [, method, target] = CALL_LINE.exec(line.trim()) ?? [];
  if (method === undefined || target === undefined) throw invalid(`Not an HTTP request line: ${line}`);
  const path = target.replace(/^https?:\/\/[^/]+/, '');
  if (!/^(?:\/storage\/v1)?\/b(?:\/|$)/.test(path) || /[?&]alt=media\b/.test(path)) {
    throw invalid(`A batch takes no uploads or downloads, only calls below /storage/v1/b: ${path}`);
  }
  return {
    id: headers.get('content-id') ?? '',
    method,
    path,
    headers: Object.fromEntries(
      headerLines
        .filter((line) => HEADER_LINE.test(line))
        .map(headerFrom)
        .filter(([name]) => !OF_THE_CONNECTION.has(name)),
    ),
    body: rest.join('\r\n\r\n').trimEnd(),
  };
}

const HEADER_LINE = /^[\w!#$%&'*+.^`|~-]+:/;

function headerFrom(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
}

async function answerOf(call: Call, { id, method, path, headers, body }: BatchedCall): Promise<string> {
  const { authorization } = call.request.headers;
  const { localAddress, localPort } = call.request.socket;
  const answer = await fetch(`http://${localAddress}:${localPort}${path}`, {
    method,
    headers: { ...(authorization ? { authorization } : {}), ...headers },
    ...(body === '' || method === 'GET' ? {} : { body }),
  });
  const text = await answer.text();
  return [
    'Content-Type: application/http',
    ...(id === '' ? [] : [`Content-ID: ${id.replace(/^<?/, '<response-').replace(/>?$/, '>')}`]),
    '',
    `HTTP/1.1 ${answer.status} ${answer.statusText}`,
    `Content-Type: ${answer.headers.get('content-type') ?? 'application/json; charset=UTF-8'}`,
    ...(answer.headers.has('etag') ? [`ETag: ${answer.headers.get('etag')}`] : []),
    `Content-Length: ${Buffer.byteLength(text)}`,
    '',
    text,
  ].join('\r\n');
}
