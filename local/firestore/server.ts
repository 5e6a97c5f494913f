import { Server, ServerCredentials, type UntypedHandleCall } from '@grpc/grpc-js';
import { type Fault, FaultGate } from './fault-gate.ts';
import { handlers } from './handlers.ts';
import type { CompositeIndex } from './indexes.ts';
import { Journal } from './journal.ts';
import { Listeners } from './listeners.ts';
import { checkQuery, type ReadContext } from './reads.ts';
import { unavailable } from './status.ts';
import { Store } from './store.ts';
import { readStrictly } from './strict-decoding.ts';
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
  const store = new Store(now, options.indexes);
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
      await journal?.close();
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

function serve(
  implementation: Record<string, UntypedHandleCall>,
  port: number,
): Promise<{ server: Server; port: number }> {
  const server = new Server({
    'grpc.max_receive_message_length': MAX_REQUEST_BYTES,
    'grpc.max_send_message_length': -1,
  });
  server.addService(readStrictly(loadFirestoreService()), implementation);
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve({ server, port: bound }),
    );
  });
}
