import {
  status as grpcStatus,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  type ServerWritableStream,
  type UntypedHandleCall,
} from '@grpc/grpc-js';
import { toStatus } from './status.ts';
import { isUnreadable } from './strict-decoding.ts';

/** Hands out one message of a stream. */
export type Reply = (message: object) => void;

/** A method of a service, whichever way it is called. Messages have the shape that proto-loader gives them. */
export type Method =
  | { kind: 'unary'; answer(request: never): object | Promise<object> }
  | { kind: 'streaming'; answer(request: never, reply: Reply): void | Promise<void> };

export type Methods = Readonly<Record<string, Method>>;

export interface Passage {
  /** Waited for before a method is begun; may throw. */
  before(): Promise<void>;
  /** Told of failures of the server itself, which clients see as INTERNAL. */
  onError(error: unknown): void;
}

export const unary = <Request>(answer: (request: Request) => object | Promise<object>): Method => ({
  kind: 'unary',
  answer,
});

export const streaming = <Request>(
  answer: (request: Request, reply: Reply) => void | Promise<void>,
): Method => ({ kind: 'streaming', answer });

/** The methods as grpc-js calls them. */
export function grpcHandlers(methods: Methods, passage: Passage): Record<string, UntypedHandleCall> {
  const handlers = Object.entries(methods).map(([name, method]) => [
    name,
    method.kind === 'unary' ? unaryHandler(method.answer, passage) : streamingHandler(method.answer, passage),
  ]);
  return Object.fromEntries(handlers) as Record<string, UntypedHandleCall>;
}

function unaryHandler(
  answer: (request: never) => object | Promise<object>,
  { before, onError }: Passage,
): handleUnaryCall<object, object> {
  return (call, callback) => {
    const run = async () => {
      await before();
      if (isUnreadable(call.request)) throw call.request;
      // A client that gave up while the server hung must not find its write carried out later.
      return call.cancelled ? {} : answer(call.request as never);
    };
    run().then(
      (response) => callback(null, response),
      (error: unknown) => callback(toStatus(error, onError)),
    );
  };
}

function streamingHandler(
  answer: (request: never, reply: Reply) => void | Promise<void>,
  { before, onError }: Passage,
): handleServerStreamingCall<object, object> {
  return (call) => {
    const run = async () => {
      await before();
      if (isUnreadable(call.request)) throw call.request;
      if (!call.cancelled) await answer(call.request as never, (message) => void call.write(message));
    };
    run().then(
      () => call.end(),
      (error: unknown) => failStream(call, toStatus(error, onError)),
    );
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
