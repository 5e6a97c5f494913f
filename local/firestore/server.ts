import {
  status as grpcStatus,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServerWritableStream,
  type UntypedHandleCall,
} from '@grpc/grpc-js';
import { batchWrite, beginTransaction, commit, rollback } from './commits.ts';
import { type Fault, FaultGate } from './fault-gate.ts';
import type { CompositeIndex } from './indexes.ts';
import { Journal } from './journal.ts';
import type { ListenCall } from './listen.ts';
import { Listeners } from './listeners.ts';
import { listCollectionIds, listDocuments } from './listing.ts';
import {
  batchGetDocuments,
  checkQuery,
  type ReadContext,
  runAggregationQuery,
  runStructuredQuery,
} from './reads.ts';
import { toStatus, unavailable } from './status.ts';
import { Store } from './store.ts';
import { Transactions } from './transactions.ts';
import { sweepExpired, type TtlField } from './ttl.ts';
import { loadFirestoreService } from './wire.ts';

export interface FirestoreServer {
  /** `127.0.0.1:PORT`, for FIRESTORE_EMULATOR_HOST. */
  host: string;
  port: number;
  setFault(fault: Fault): void;
  /** Documents read and written since the start, as Firestore would bill them. */
  operations(): { reads: number; writes: number };
  close(): Promise<void>;
}

export interface FirestoreServerOptions {
  /** 0, the default, takes any free port. */
  port?: number;
  /** Where the journal lives; omitted = in memory only. */
  dataDir?: string;
  /** The composite indexes of the database; queries that need another are rejected. Omitted = all are allowed. */
  indexes?: CompositeIndex[];
  ttlFields?: TtlField[];
  /** How often expired documents are deleted. 60 s by default; production may take a day. */
  ttlSweepMs?: number;
  /** Milliseconds since 1970. */
  now?: () => number;
  /** Told of failures of the server itself, which clients see as INTERNAL. */
  onError?: (e: unknown) => void;
}

/** Production takes requests of up to 10 MiB. */
const MAX_REQUEST_BYTES = 10 * 1024 * 1024;

/** Cloud Firestore over gRPC on 127.0.0.1, for any project and database. */
export async function startFirestoreServer(options: FirestoreServerOptions): Promise<FirestoreServer> {
  const { now = Date.now, onError = () => undefined } = options;
  const store = new Store(now);
  const journal = options.dataDir === undefined ? undefined : await Journal.open(options.dataDir, store);
  if (journal) store.log = journal;
  const context: ReadContext = {
    store,
    transactions: new Transactions(store, now),
    operations: { reads: 0, writes: 0 },
    indexes: options.indexes,
  };
  const gate = new FaultGate();
  const listeners = openListeners(context, gate, onError);
  const sweep = startSweep(store, options, now, onError);
  const { server, port } = await serve(handlers(context, gate, listeners, onError), options.port ?? 0);
  return {
    host: `127.0.0.1:${port}`,
    port,
    setFault: (fault) => {
      gate.set(fault);
      if (fault === 'unavailable') listeners.closeAll(unavailable('The service is currently unavailable.'));
    },
    operations: () => ({ ...context.operations }),
    close: async () => {
      clearInterval(sweep);
      server.forceShutdown();
      journal?.close();
    },
  };
}

function openListeners(context: ReadContext, gate: FaultGate, onError: (e: unknown) => void): Listeners {
  const listenContext = {
    store: context.store,
    checkQuery: (plan: Parameters<typeof checkQuery>[1]) => checkQuery(context, plan),
    countReads: (documents: number) => {
      context.operations.reads += documents;
    },
  };
  return new Listeners(listenContext, gate, onError);
}

function startSweep(
  store: Store,
  { ttlFields = [], ttlSweepMs = 60_000 }: FirestoreServerOptions,
  now: () => number,
  onError: (e: unknown) => void,
): NodeJS.Timeout | undefined {
  if (ttlFields.length === 0) return undefined;
  const timer = setInterval(() => {
    try {
      sweepExpired(store, ttlFields, now());
    } catch (error) {
      onError(error);
    }
  }, ttlSweepMs);
  return timer.unref();
}

function handlers(
  context: ReadContext,
  gate: FaultGate,
  listeners: Listeners,
  onError: (e: unknown) => void,
): Record<string, UntypedHandleCall> {
  const unary =
    <Request>(answer: (request: Request) => object): handleUnaryCall<Request, object> =>
    (call, callback) => {
      const run = async () => {
        await gate.pass();
        // A client that gave up while the server hung must not find its write carried out later.
        return call.cancelled ? {} : answer(call.request);
      };
      run().then(
        (response) => callback(null, response),
        (error: unknown) => callback(toStatus(error, onError)),
      );
    };
  const streaming =
    <Request>(
      answer: (request: Request, reply: (message: object) => void) => void,
    ): handleServerStreamingCall<Request, object> =>
    (call) => {
      const run = async () => {
        await gate.pass();
        if (!call.cancelled) answer(call.request, (message) => void call.write(message));
      };
      run().then(
        () => call.end(),
        (error: unknown) => failStream(call, toStatus(error, onError)),
      );
    };
  return {
    BatchGetDocuments: streaming((request: Parameters<typeof batchGetDocuments>[1], reply) =>
      batchGetDocuments(context, request, reply),
    ),
    RunQuery: streaming((request: Parameters<typeof runStructuredQuery>[1], reply) =>
      runStructuredQuery(context, request, reply),
    ),
    RunAggregationQuery: streaming((request: Parameters<typeof runAggregationQuery>[1], reply) =>
      runAggregationQuery(context, request, reply),
    ),
    Commit: unary((request: Parameters<typeof commit>[1]) => commit(context, request)),
    BatchWrite: unary((request: Parameters<typeof batchWrite>[1]) => batchWrite(context, request, onError)),
    BeginTransaction: unary((request: Parameters<typeof beginTransaction>[1]) =>
      beginTransaction(context, request),
    ),
    Rollback: unary((request: Parameters<typeof rollback>[1]) => rollback(context, request)),
    ListDocuments: unary((request: Parameters<typeof listDocuments>[1]) => listDocuments(context, request)),
    ListCollectionIds: unary((request: Parameters<typeof listCollectionIds>[1]) =>
      listCollectionIds(context, request),
    ),
    Listen: (call: ListenCall) => listeners.accept(call),
  };
}

/**
 * Headers before the error: without them the client takes any failure of a stream for one of the connection
 * and tries three times, 7 s, before it tells its user that a query is invalid.
 */
function failStream(
  call: Pick<ServerWritableStream<unknown, object>, 'sendMetadata' | 'emit'>,
  status: { code: number; details: string },
): void {
  if (status.code !== grpcStatus.UNAVAILABLE) call.sendMetadata(new Metadata());
  call.emit('error', status);
}

function serve(
  implementation: Record<string, UntypedHandleCall>,
  port: number,
): Promise<{ server: Server; port: number }> {
  const server = new Server({
    'grpc.max_receive_message_length': MAX_REQUEST_BYTES,
    'grpc.max_send_message_length': -1,
  });
  server.addService(loadFirestoreService(), implementation);
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve({ server, port: bound }),
    );
  });
}
