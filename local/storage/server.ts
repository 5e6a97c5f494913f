import { mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { LineFile } from '../line-file.ts';
import { turnedAway } from '../own-doors.ts';
import type { Call, Service } from './call.ts';
import { Contents } from './contents.ts';
import { applyCors } from './cors.ts';
import { diskFull, isDiskFull, jsonErrorBody, StorageError, unavailable, xmlErrorBody } from './errors.ts';
import { type Fault, FaultSwitch } from './faults.ts';
import { keepHouse } from './housekeeping.ts';
import { jsonApi, jsonApiPath } from './json-api.ts';
import { MultipartUploads } from './multipart-uploads.ts';
import {
  type ConfiguredNotification,
  messagesFor,
  notificationsAtStart,
  type Publish,
} from './notifications.ts';
import { checkBucketName } from './object-names.ts';
import { ObjectStore } from './object-store.ts';
import { Outbox } from './outbox.ts';
import { ResumableUploads } from './resumable.ts';
import { isSigned } from './signed-url.ts';
import { xmlApi } from './xml-api.ts';

const HOST = '127.0.0.1';
/** Longer than any client keeps an idle connection, so that the server never closes one that is about to be used. */
const KEEP_ALIVE_MS = 620_000;

/** Production looks about once a day; an object that outlives its rule by hours is nothing to rely on. */
const HOUSEKEEPING_EVERY_MS = 60 * 60 * 1000;

const WRITING = new Set(['POST', 'PUT', 'PATCH']);

export interface StorageServerOptions {
  /** 0 or absent: any free port. */
  port?: number;
  /** Where everything is kept; created when missing. One server at a time. */
  dataDir: string;
  buckets: string[];
  notifications?: ConfiguredNotification[];
  /** Default: `local`. */
  project?: string;
  /** Whether a notification may be made to this topic. Absent: to any, where there is a `publish`. */
  topicExists?: (topic: string) => Promise<boolean>;
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
  /** Does now what happens every hour: lifecycle rules and what was soft-deleted long enough ago. */
  keepHouse(nowMs?: number): Promise<void>;
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
  const clean = (nowMs = Date.now()): Promise<void> => keepHouse(service, nowMs);
  const houseKeeping = setInterval(() => void clean(), HOUSEKEEPING_EVERY_MS);
  houseKeeping.unref();
  return {
    url,
    port,
    setFault: (fault) => faults.set(fault),
    operations: () => ({ ...operations }),
    keepHouse: clean,
    close: async () => {
      clearInterval(houseKeeping);
      await closeServer(server);
      await stop();
    },
  };
}

function openService(options: StorageServerOptions, count: Service['count']) {
  const { publish, project = 'local', signingKeyPem } = options;
  const topicExists = options.topicExists ?? (publish && (async () => true));
  const contents = new Contents(options.dataDir);
  const journal = new LineFile(join(options.dataDir, 'journal.jsonl'));
  let baseUrl = '';
  const store: ObjectStore = new ObjectStore(journal, {
    versioning: options.versioning ?? false,
    describe: (event) =>
      publish ? messagesFor(event, store.buckets.get(event.object.bucket).notifications ?? [], baseUrl) : [],
    send: (messages) => outbox?.send(messages),
    // A file that cannot be removed now is removed at the next start.
    release: (contentId) => void contents.remove(contentId).catch(() => undefined),
  });
  const outbox = publish && new Outbox(publish, (messageId) => store.markPublished(messageId));
  const resumables = new ResumableUploads(options.dataDir, store, contents);
  const multiparts = new MultipartUploads(options.dataDir, store, contents);
  contents.sweep({
    contents: new Set(store.objectsByContent().keys()),
    parts: new Set([...resumables.ids(), ...multiparts.partIds()]),
  });
  for (const bucket of options.buckets)
    if (!store.buckets.has(bucket)) store.buckets.create(checkBucketName(bucket));
  configureNotifications(store, publish ? (options.notifications ?? []) : [], project);

  const service: Service = {
    store,
    contents,
    resumables,
    multiparts,
    project,
    topicExists,
    signingKeyPem,
    count,
  };
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

function configureNotifications(
  store: ObjectStore,
  configured: readonly ConfiguredNotification[],
  project: string,
): void {
  for (const { name, notifications: known = [] } of store.buckets.all()) {
    const wanted = notificationsAtStart(name, known, configured, project);
    if (!isDeepStrictEqual(wanted, known)) store.buckets.setNotifications(name, wanted);
  }
}

async function answer(
  service: Service,
  faults: FaultSwitch,
  corsOrigins: readonly string[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (turnedAway(request, response, corsOrigins)) return;
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
  const method = methodOf(request);
  return { request, response, method, path, query: new URLSearchParams(query.join('?')), baseUrl };
}

function methodOf({ method = 'GET', headers }: IncomingMessage): string {
  const meant = headers['x-http-method-override'];
  return method === 'POST' && typeof meant === 'string' ? meant.toUpperCase() : method;
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
