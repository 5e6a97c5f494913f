import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A process that takes a request whole and answers it a fixed time later: `endpoint.ts MILLISECONDS`. Tells its URL by ipc. */
const delayMs = Number(process.argv[2]);

const REPLY = JSON.stringify({
  candidates: [
    {
      content: {
        parts: [{ text: '{"caption":"A shelf.","tags":["shelf"],"visibleText":"","confidence":0.9}' }],
      },
      finishReason: 'STOP',
    },
  ],
  usageMetadata: { promptTokenCount: 700, candidatesTokenCount: 40, totalTokenCount: 740 },
  modelVersion: 'gemini-3.5-flash-lite',
});

const server = createServer((request, response) => {
  request.resume();
  request.once('end', () =>
    setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end(REPLY), delayMs),
  );
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () =>
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
);
process.once('disconnect', () => process.exit());
