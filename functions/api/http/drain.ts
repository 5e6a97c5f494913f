import type { Request, Response } from 'express';

/** A caller that is still sending after this long is cut off, in milliseconds. */
const PATIENCE_MS = 2_000;

/**
 * Reads and forgets the rest of a refused body for a while: a browser that is still sending sees a reset connection
 * instead of the answer. What is longer than that is cut off after the answer.
 */
export function drain(request: Request, response: Response): Promise<void> {
  if (!hasBody(request) || request.complete || request.destroyed) return Promise.resolve();
  response.set('Connection', 'close');
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, PATIENCE_MS);
    request.once('end', done);
    request.once('close', done);
    request.resume();
  });
}

const hasBody = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
