import type { IncomingMessage, ServerResponse } from 'node:http';

const METHODS = 'GET, HEAD, PUT, POST, PATCH, DELETE';
const PREFLIGHT_MAX_AGE_S = '3600';

/** Lets the listed origins (`*` = all) read answers in a browser. Returns true when it answered a preflight itself. */
export function applyCors(
  request: IncomingMessage,
  response: ServerResponse,
  origins: readonly string[],
): boolean {
  const { origin } = request.headers;
  const allowed = origin !== undefined && (origins.includes(origin) || origins.includes('*'));
  if (allowed) {
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.setHeader('Access-Control-Expose-Headers', '*');
    response.setHeader('Vary', 'Origin');
  }
  if (request.method !== 'OPTIONS') return false;
  if (allowed) {
    response.setHeader('Access-Control-Allow-Methods', METHODS);
    response.setHeader(
      'Access-Control-Allow-Headers',
      request.headers['access-control-request-headers'] ?? 'Content-Type',
    );
    response.setHeader('Access-Control-Max-Age', PREFLIGHT_MAX_AGE_S);
  }
  response.writeHead(200, { 'Content-Length': 0 });
  response.end();
  return true;
}
