import { Server } from '@grpc/grpc-js';
import { grpcHandlers } from '../rpc/methods.ts';
import { listenOnOnePort } from '../rpc/one-port.ts';
import { unavailable } from '../rpc/status.ts';
import { readStrictly } from '../rpc/strict-decoding.ts';
import { transcoding } from '../rpc/transcoding.ts';
import { type Fault, FaultGate } from './fault-gate.ts';
import { firestoreMethods } from './handlers.ts';
import type { CompositeIndex } from './indexes.ts';
import { Journal } from './journal.ts';
import type { ListenCall } from './listen.ts';
import { Listeners } from './listeners.ts';
import { isPathOf } from './names.ts';
import { checkQuery, type ReadContext, type Refusal } from './reads.ts';
import { Store } from './store.ts';
import { Transactions } from './transactions.ts';
import { sweepExpired, type TtlField } from './ttl.ts';
import { loadFirestoreService } from './wire.ts';

export interface FirestoreServer {
  /** `127.0.0.1:PORT`, for FIRESTORE_EMULATOR_HOST. */
  host: string;
  port: number;
  setFault(fault: Fault): void;
  /** Refuses for good (INVALID_ARGUMENT) each commit with a document for which this returns a sentence. */
  setRefusal(refusal: Refusal | undefined): void;
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

/** Cloud Firestore over gRPC and REST on one port of 127.0.0.1, for any project and database. */
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
  const methods = firestoreMethods(context, onError);
  const passage = { before: () => gate.pass(), onError };
  const { grpc: definition, service } = loadFirestoreService();
  const grpc = new Server({
    'grpc.max_receive_message_length': MAX_REQUEST_BYTES,
    'grpc.max_send_message_length': -1,
  });
  grpc.addService(readStrictly(definition), {
    ...grpcHandlers(methods, passage),
    Listen: (call: ListenCall) => listeners.accept(call),
  });
  const http = transcoding({ services: [service], methods, passage, fits: isPathOf });
  const server = await listenOnOnePort({ port: options.port ?? 0, grpc, http });
  const { port } = server;
  return {
    host: `127.0.0.1:${port}`,
    port,
    setFault: (fault) => {
      gate.set(fault);
      if (fault === 'unavailable') listeners.closeAll(unavailable('The service is currently unavailable.'));
    },
    setRefusal: (refusal) => {
      context.refusal = refusal;
    },
    operations: () => ({ ...context.operations }),
    close: async () => {
      clearInterval(sweep);
      await server.close();
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
