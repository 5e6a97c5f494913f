import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';

const HOST = '127.0.0.1';

/** How every connection of HTTP/2 begins; no method of HTTP/1 is called PRI. RFC 9113, section 3.4. */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** Longer than any client keeps an idle connection, so that the server never closes one that is about to be used. */
const KEEP_ALIVE_MS = 620_000;

export interface OnePort {
  port: number;
  close(): Promise<void>;
}

/**
 * gRPC and HTTP/1 on one port of this machine, as Google's own servers have it: the first bytes of a connection tell
 * which of the two it speaks.
 */
export async function listenOnOnePort(options: {
  /** 0 takes any free port. */
  port: number;
  grpc: GrpcServer;
  http: RequestListener;
}): Promise<OnePort> {
  const injector = options.grpc.createConnectionInjector(ServerCredentials.createInsecure());
  const http = createHttpServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 }, options.http);
  const sockets = new Set<Socket>();
  const front = createServer({ noDelay: true, pauseOnConnect: false }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A client that vanishes is no failure of the server.
    socket.on('error', () => socket.destroy());
    whenProtocolIsKnown(socket, (isHttp2) => {
      if (isHttp2) injector.injectConnection(socket);
      else http.emit('connection', socket);
    });
  });
  const port = await listen(front, options.port);
  return {
    port,
    close: async () => {
      const closed = new Promise<void>((resolve) => front.close(() => resolve()));
      injector.destroy();
      options.grpc.forceShutdown();
      http.closeAllConnections();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Looks at the first bytes and leaves them where they were. */
function whenProtocolIsKnown(socket: Socket, tell: (isHttp2: boolean) => void): void {
  let seen = Buffer.alloc(0);
  const look = () => {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) return;
    seen = Buffer.concat([seen, chunk]);
    const compared = Math.min(seen.length, PREFACE.length);
    const mayBeHttp2 = seen.subarray(0, compared).equals(PREFACE.subarray(0, compared));
    if (mayBeHttp2 && compared < PREFACE.length) return;
    socket.removeListener('readable', look);
    socket.unshift(seen);
    tell(mayBeHttp2);
  };
  socket.on('readable', look);
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, resolve);
  });
  return (server.address() as AddressInfo).port;
}
