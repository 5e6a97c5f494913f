import { mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Call, Service } from './call.ts';
import { Contents } from './contents.ts';
import { applyCors } from './cors.ts';
import { diskFull, isDiskFull, jsonErrorBody, StorageError, unavailable, xmlErrorBody } from './errors.ts';
import { type Fault, FaultSwitch } from './faults.ts';
import { Journal } from './journal.ts';
import { jsonApi, jsonApiPath } from './json-api.ts';
import { messagesFor, type Notification, type Publish } from './notifications.ts';
import type { Change } from './object-index.ts';
import { checkBucketName } from './object-names.ts';
import { ObjectStore } from './object-store.ts';
import { Outbox } from './outbox.ts';
import { ResumableUploads } from './resumable.ts';
import { isSigned } from './signed-url.ts';
import { xmlApi } from './xml-api.ts';

const HOST = '127.0.0.1';
/** Longer than any client keeps an idle connection, so that the server never closes one that is about to be used. */
const KEEP_ALIVE_MS = 620_000;

const WRITING = new Set(['POST', 'PUT', 'PATCH']);

export interface StorageServerOptions {
  /** 0 or absent: any free port. */
  port?: number;
  /** Where everything is kept; created when missing. One server at a time. */
  dataDir: string;
  buckets: string[];
  notifications?: Notification[];
  /** Resolves when the message is safely with Pub/Sub; a rejection is tried again. */
  publish?: Publish;
  /** Origins whose pages may call this server from a browser. */
  corsOrigins?: string[];
  /** Keep overwritten and deleted generations. Default: no. */
  versioning?: boolean;
  /** PEM (private or public) of the RSA key that signed URLs must be signed with. Absent: any well-formed one passes. */
  signingKeyPem?: string;
}

export interface StorageServer {
  /** `http://127.0.0.1:PORT` */
  url: string;
  port: number;
  setFault(fault: Fault): void;
  /** How often each kind of operation was asked for since the start. */
  operations(): Record<string, number>;
  close(): Promise<void>;
}

/** Cloud Storage on this machine: the JSON API and signed URLs over `dataDir`, with notifications to `publish`. */
export async function startStorageServer(options: StorageServerOptions): Promise<StorageServer> {
  mkdirSync(options.dataDir, { recursive: true });
  const faults = new FaultSwitch();
  const operations: Record<string, number> = {};
  const { service, start, stop } = openService(options, (operation) => {
    operations[operation] = (operations[operation] ?? 0) + 1;
  });

  const handle = (request: IncomingMessage, response: ServerResponse): Promise<void> =>
    answer(service, faults, options.corsOrigins ?? [], request, response);
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 }, handle);
  const port = await listen(server, options.port ?? 0);
  const url = `http://${HOST}:${port}`;
  start(url);
  return {
    url,
    port,
    setFault: (fault) => faults.set(fault),
    operations: () => ({ ...operations }),
    close: async () => {
      await closeServer(server);
      await stop();
    },
  };
}

function openService(options: StorageServerOptions, count: Service['count']) {
  const notifications = options.publish ? (options.notifications ?? []) : [];
  const contents = new Contents(options.dataDir);
  const journal = new Journal<Change>(options.dataDir);
  let baseUrl = '';
  const store: ObjectStore = new ObjectStore(journal, {
    versioning: options.versioning ?? false,
    describe: (event) => messagesFor(event, notifications, baseUrl),
    send: (messages) => outbox?.send(messages),
    // A file that cannot be removed now is removed at the next start.
    release: (contentId) => void contents.remove(contentId).catch(() => undefined),
  });
  const outbox =
    options.publish && new Outbox(options.publish, (messageId) => store.markPublished(messageId));
  const resumables = new ResumableUploads(options.dataDir, store, contents);
  contents.sweep({ contents: new Set(store.objectsByContent().keys()), parts: resumables.ids() });
  for (const bucket of options.buckets)
    if (!store.hasBucket(bucket)) store.createBucket(checkBucketName(bucket));

  const { signingKeyPem } = options;
  const service: Service = { store, contents, resumables, notifications, signingKeyPem, count };
  const start = (url: string): void => {
    baseUrl = url;
    outbox?.send(store.pendingMessages());
  };
  const stop = async (): Promise<void> => {
    await outbox?.close();
    await resumables.close();
    journal.close();
  };
  return { service, start, stop };
}

async function answer(
  service: Service,
  faults: FaultSwitch,
  corsOrigins: readonly string[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const call = callFrom(request, response);
  try {
    const fault = await faults.pass();
    if (fault === 'reset') return void request.socket.destroy();
    if (applyCors(request, response, corsOrigins)) return;
    if (fault === 'unavailable') throw unavailable();
    if (fault === 'full' && WRITING.has(request.method ?? '')) throw noSpaceLeft();
    const path = jsonApiPath(call.path);
    if (path !== undefined && !isSigned(call.query)) await jsonApi(service, call, path);
    else await xmlApi(service, call);
  } catch (error) {
    fail(call, error);
  } finally {
    // An unread rest would block the next request on this connection.
    if (!request.readableEnded) request.resume();
  }
}

function callFrom(request: IncomingMessage, response: ServerResponse): Call {
  const [path = '/', ...query] = (request.url ?? '/').split('?');
  const baseUrl = `http://${request.headers.host ?? HOST}`;
  return { request, response, path, query: new URLSearchParams(query.join('?')), baseUrl };
}

function fail({ request, response, path, query }: Call, cause: unknown): void {
  // The client went away, or half the content is sent already: a broken connection is the only honest signal left.
  if (request.socket.destroyed || response.headersSent) return void response.destroy();
  const error = storageErrorFrom(cause);
  const json = jsonApiPath(path) !== undefined && !isSigned(query);
  const body = error.status === 304 ? '' : json ? jsonErrorBody(error) : xmlErrorBody(error);
  response.writeHead(error.status, {
    'Content-Type': json ? 'application/json; charset=UTF-8' : 'application/xml; charset=UTF-8',
    ...(error.status === 304 ? {} : { 'Content-Length': Buffer.byteLength(body) }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function storageErrorFrom(cause: unknown): StorageError {
  if (cause instanceof StorageError) return cause;
  if (isDiskFull(cause)) return diskFull();
  return new StorageError(500, 'internalError', `The local storage server failed: ${String(cause)}`);
}

/** As the file system throws it. */
const noSpaceLeft = (): Error =>
  Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => resolve((server.address() as AddressInfo).port));
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
