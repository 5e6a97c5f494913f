import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server } from 'node:http';

/**
 * functions-framework reads every body that has a content type whole into memory (its last parser takes any type, up to
 * 1 GiB) before the function sees the request. Its parsers skip bodies without a content type, so the header is
 * set aside before they run and given back by `contentTypeOf`. Node publishes each request on this channel before any
 * handler has it (https://nodejs.org/api/diagnostics_channel.html#http).
 */
const REQUEST_START = 'http.server.request.start';

const setAside = new WeakMap<IncomingMessage, string>();

/** Lets bodies reach this function unread. Call it once, before the first request. */
export function keepBodiesUnread(): void {
  subscribe(REQUEST_START, (message) => {
    const { request, server } = message as { request: IncomingMessage; server: Server };
    const contentType = request.headers['content-type'];
    if (contentType === undefined || !isExpress(server)) return;
    setAside.set(request, contentType);
    delete request.headers['content-type'];
  });
}

/** Other servers of the same process (tests run some) are no Express apps and keep their headers. */
const isExpress = (server: Server): boolean =>
  server.listeners('request').some((listener) => 'handle' in listener && 'engines' in listener);

/** The content type that the caller sent. */
export const contentTypeOf = (request: IncomingMessage): string | undefined =>
  setAside.get(request) ?? request.headers['content-type'];
