import {
  status as grpcStatus,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  type ServerWritableStream,
  type UntypedHandleCall,
} from '@grpc/grpc-js';
import { batchWrite, beginTransaction, commit, rollback } from './commits.ts';
import type { FaultGate } from './fault-gate.ts';
import type { ListenCall } from './listen.ts';
import type { Listeners } from './listeners.ts';
import { listCollectionIds, listDocuments } from './listing.ts';
import { batchGetDocuments, type ReadContext, runAggregationQuery, runStructuredQuery } from './reads.ts';
import { toStatus } from './status.ts';
import { isUnreadable } from './strict-decoding.ts';

/** The methods of google.firestore.v1.Firestore that the Node.js client calls; the others are UNIMPLEMENTED. */
export function handlers(
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
        if (isUnreadable(call.request)) throw call.request;
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
        if (isUnreadable(call.request)) throw call.request;
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
