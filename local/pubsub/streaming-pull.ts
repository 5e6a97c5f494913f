import type { ServerDuplexStream } from '@grpc/grpc-js';
import { invalidArgument, type RpcError, toStatus } from '../rpc/status.ts';
import { isUnreadable } from '../rpc/strict-decoding.ts';
import type { Broker } from './broker.ts';
import { wireReceived } from './message.ts';
import type { PullQueue } from './pull-queue.ts';
import { leaseMsOf } from './subscriber.ts';
import { pullQueueNamed } from './subscriptions.ts';

interface StreamingPullRequest {
  subscription?: string;
  ackIds?: string[];
  modifyDeadlineAckIds?: string[];
  modifyDeadlineSeconds?: number[];
  streamAckDeadlineSeconds?: number;
  maxOutstandingMessages?: string;
  maxOutstandingBytes?: string;
}
type StreamingPullCall = ServerDuplexStream<StreamingPullRequest, object>;

/** What one message of the stream holds at most. */
const MAX_MESSAGES = 100;
const MAX_BYTES = 4_000_000;

/** Hands out messages as they come, as many at a time as the client has room for. */
export function streamingPull(
  broker: Broker,
  onError: (error: unknown) => void,
): (call: StreamingPullCall) => void {
  return (call) => {
    let stream: PullStream | undefined;
    const end = () => {
      stream?.close();
      stream = undefined;
    };
    call.on('data', (request: StreamingPullRequest | RpcError) => {
      try {
        if (isUnreadable(request)) throw request;
        if (!stream) {
          stream = new PullStream(call, pullQueueNamed(broker, request.subscription), request);
        } else if (request.subscription) {
          throw invalidArgument('Only the first request of a stream names the subscription.');
        }
        stream.receive(broker, request);
      } catch (error) {
        end();
        call.emit('error', toStatus(error, onError));
      }
    });
    call.on('end', () => {
      end();
      call.end();
    });
    call.on('cancelled', end);
    call.on('error', end);
  };
}

class PullStream {
  readonly #call: StreamingPullCall;
  readonly #queue: PullQueue;
  readonly #unsubscribe: () => void;
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  #leaseMs: number;
  #messages = 0;
  #bytes = 0;
  #closed = false;

  constructor(call: StreamingPullCall, queue: PullQueue, request: StreamingPullRequest) {
    this.#call = call;
    this.#queue = queue;
    this.#leaseMs = leaseMsOf(request.streamAckDeadlineSeconds ?? 0, queue);
    this.#maxMessages = limitOf(request.maxOutstandingMessages);
    this.#maxBytes = limitOf(request.maxOutstandingBytes);
    this.#unsubscribe = queue.onAvailable(() => this.#deliver());
    queueMicrotask(() => this.#deliver());
  }

  receive(broker: Broker, request: StreamingPullRequest): void {
    const { ackIds = [], modifyDeadlineAckIds = [], modifyDeadlineSeconds = [] } = request;
    if (request.streamAckDeadlineSeconds)
      this.#leaseMs = leaseMsOf(request.streamAckDeadlineSeconds, this.#queue);
    if (ackIds.length > 0) void broker.acknowledge(this.#queue, ackIds);
    for (const [i, ackId] of modifyDeadlineAckIds.entries()) {
      this.#queue.modifyAckDeadline(ackId, (modifyDeadlineSeconds[i] ?? 0) * 1000);
    }
  }

  /** What it holds is left to its deadline: the client may still acknowledge it by other calls. */
  close(): void {
    this.#closed = true;
    this.#unsubscribe();
  }

  #deliver(): void {
    while (!this.#closed) {
      const room = Math.min(MAX_MESSAGES, this.#maxMessages - this.#messages);
      const roomBytes = Math.min(MAX_BYTES, this.#maxBytes - this.#bytes);
      if (room <= 0 || roomBytes <= 0) return;
      const received = this.#queue.pull({
        maxMessages: room,
        maxBytes: roomBytes,
        leaseMs: this.#leaseMs,
        onEnd: ({ message }) => this.#ended(message.data.length),
      });
      if (received.length === 0) return;
      this.#messages += received.length;
      for (const { unacked } of received) this.#bytes += unacked.message.data.length;
      const { ordered, deadLetter } = this.#queue.settings;
      this.#call.write({
        receivedMessages: received.map((one) => wireReceived(one, deadLetter !== undefined)),
        subscriptionProperties: { messageOrderingEnabled: ordered, exactlyOnceDeliveryEnabled: false },
      });
    }
  }

  #ended(bytes: number): void {
    this.#messages -= 1;
    this.#bytes -= bytes;
    // A turn later: several are often acknowledged together.
    if (!this.#closed) setImmediate(() => this.#deliver());
  }
}

/** 0 and below: no limit. */
const limitOf = (text: string | undefined): number => {
  const limit = Number(text ?? 0);
  return limit > 0 ? limit : Number.POSITIVE_INFINITY;
};
