import { createServer } from 'node:net';

/**
 * Below the ports that systems give to outgoing connections (from 32768 on under Linux): one of those may be taken
 * between the moment it is found free and the moment a process listens on it.
 */
const FIRST = 10_000;
const COUNT = 22_000;
const MAX_TRIES = 100;

/** Found by this process before: the caller may not listen yet. */
const given = new Set<number>();

/** A port nobody listens on at 127.0.0.1. */
export async function findFreePort(): Promise<number> {
  for (let i = 0; i < MAX_TRIES; i += 1) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (given.has(port) || !(await isPortFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`None of ${MAX_TRIES} ports from ${FIRST} to ${FIRST + COUNT} is free.`);
}

export const isPortFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
