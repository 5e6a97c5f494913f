import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CliError } from '../failure.ts';
import type { Delivery } from './refusal.ts';

/** Documents of Firestore end at 1 MiB; JSON spells some of it longer. */
const MAX_BODY_BYTES = 8_000_000;

interface Receiver {
  /** To be given to the pipeline. */
  url: string;
  close(): Promise<void>;
}

/**
 * Listens on this machine alone. `take` resolves with why a delivery is refused, or with undefined: then the answer is
 * 204.
 * @throws CliError when the port is taken
 */
export async function startReceiver(
  port: number,
  take: (delivery: Delivery) => Promise<string | undefined>,
): Promise<Receiver> {
  const server = createServer((request, response) => {
    receive(request, response, take).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new CliError(`Port ${port} is in use.`, { hint: 'Choose another one with --port; 0 takes any.' })
          : error,
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  take: (delivery: Delivery) => Promise<string | undefined>,
): Promise<void> {
  if (request.method !== 'POST') {
    response.setHeader('Allow', 'POST');
    return answer(response, 405, 'Deliveries of webhooks come by POST.');
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return answer(response, 413, 'No result is as large as that.');
    chunks.push(chunk);
  }
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      value === undefined ? value : String(value),
    ]),
  );
  const refusal = await take({ headers, body: Buffer.concat(chunks).toString() });
  if (refusal === undefined) response.writeHead(204).end();
  else answer(response, 401, refusal);
}

function answer(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${sentence}\n`);
}
