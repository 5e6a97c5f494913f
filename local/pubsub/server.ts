import { Server } from '@grpc/grpc-js';
import { grpcHandlers } from '../rpc/methods.ts';
import { listenOnOnePort, type OnePort } from '../rpc/one-port.ts';
import { readStrictly } from '../rpc/strict-decoding.ts';
import { transcoding } from '../rpc/transcoding.ts';
import { Broker } from './broker.ts';
import { FaultDice, type Faults } from './faults.ts';
import type { PubSubMessage } from './message.ts';
import { publisherMethods } from './publisher.ts';
import { PushClient } from './push-client.ts';
import type { PushDelivery } from './push-delivery.ts';
import { streamingPull } from './streaming-pull.ts';
import { subscriberMethods } from './subscriber.ts';
import type { Subscription } from './subscription.ts';
import { loadPubSubServices } from './wire.ts';

export type { Faults } from './faults.ts';
export type { PubSubMessage } from './message.ts';
export type { PullSubscription, PushSubscription, Subscription } from './subscription.ts';

export interface SubscriptionBacklog {
  subscription: string;
  unacked: number;
  oldestUnackedMs: number;
  /** Unix milliseconds of the next push that waits for its backoff or for room in the window. */
  nextDeliveryAt?: number;
}

export type PushStats = PushDelivery['counts'] & { inFlight: number; window: number };

export interface PubSubStats {
  published: number;
  journalBytes: number;
  /** By push subscription. */
  push: Record<string, PushStats>;
}

export interface PubSubServer {
  url: string;
  port: number;
  /** Resolves with the message id once the message is on the disk. Rejects for a topic that does not exist. */
  publish(topic: string, message: PubSubMessage): Promise<string>;
  backlog(): SubscriptionBacklog[];
  /** Resolves when no push subscription has anything in flight or waiting; pull subscriptions do not count. */
  idle(): Promise<void>;
  /** Delivers this share (0..1) of the messages twice. */
  setDuplicates(share: number): void;
  setFaults(faults: Partial<Faults>): void;
  stats(): PubSubStats;
  /** Breaks off the pushes in flight; with a `dataDir` their messages are delivered again by the next server. */
  close(): Promise<void>;
}

export interface PubSubServerOptions {
  port?: number;
  /** Folder of the journal; without one nothing outlives the process. One server per folder. */
  dataDir?: string;
  topics: string[];
  subscriptions: Subscription[];
  random?: () => number;
  /** Multiplies every ack deadline and backoff: 0.01 turns 10 seconds into 100 ms. */
  timeScale?: number;
  /** Told of failures of the server itself, which clients see as INTERNAL. */
  onError?: (error: unknown) => void;
}

/**
 * Cloud Pub/Sub on 127.0.0.1: wrapped push with deadlines, backoff and dead letters, pull, by gRPC and REST on one port.
 * Delivers at least once; what is not acknowledged survives even a kill -9 of the process.
 */
export const startPubSubServer = async (options: PubSubServerOptions): Promise<PubSubServer> => {
  const { random = Math.random, timeScale = 1 } = options;
  const client = new PushClient();
  const faults = new FaultDice(random);
  const broker = new Broker({ ...options, random, timeScale, client, faults });

  await broker.restore(options.dataDir);
  const server = await serve(broker, options).catch(async (error: unknown) => {
    await broker.close();
    throw error;
  });
  const { port } = server;

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    publish: (topic, message) => broker.publish(topic, message),
    backlog: () => backlogOf(broker),
    idle: () => broker.idle(),
    setDuplicates: (share) => faults.set({ duplicates: share }),
    setFaults: (changed) => faults.set(changed),
    stats: () => statsOf(broker),
    close: async () => {
      await server.close();
      await broker.close();
      client.close();
    },
  };
};

/** Google's limit for one publish request is 10 MB (https://cloud.google.com/pubsub/quotas#resource_limits). */
const MAX_REQUEST_BYTES = 10_000_000;

/** A pull by gRPC may wait for a message; one by REST answers at once, which scripts and tests count on. Milliseconds. */
const PATIENCE_MS = 1_000;

async function serve(
  broker: Broker,
  { port = 0, onError = () => undefined }: PubSubServerOptions,
): Promise<OnePort> {
  const passage = { before: async () => undefined, onError };
  const { grpc: definitions, services } = loadPubSubServices();
  const [publisher, subscriber] = definitions.map(readStrictly);
  const grpc = new Server({
    'grpc.max_receive_message_length': MAX_REQUEST_BYTES,
    'grpc.max_send_message_length': -1,
  });
  const methods = { ...publisherMethods(broker), ...subscriberMethods(broker, 0) };
  const patient = { ...methods, ...subscriberMethods(broker, PATIENCE_MS) };
  const handlers = { ...grpcHandlers(patient, passage), StreamingPull: streamingPull(broker, onError) };
  for (const definition of [publisher, subscriber]) if (definition) grpc.addService(definition, handlers);
  const http = transcoding({ services, methods, passage, maxBodyBytes: MAX_REQUEST_BYTES });
  return listenOnOnePort({ port, grpc, http }).catch((cause: NodeJS.ErrnoException) => {
    const text = `Pub/Sub cannot listen on 127.0.0.1:${port} (${cause.code}); free this port or choose another one.`;
    throw new Error(text, { cause });
  });
}

const backlogOf = (broker: Broker): SubscriptionBacklog[] => {
  const now = Date.now();
  return [...broker.subscriptions.values()].map((subscription) => {
    const nextDeliveryAt = subscription.kind === 'push' ? subscription.nextDeliveryAt : undefined;
    return {
      subscription: subscription.settings.name,
      unacked: subscription.backlog.size,
      oldestUnackedMs: subscription.backlog.oldestMs(now),
      ...(nextDeliveryAt === undefined ? {} : { nextDeliveryAt }),
    };
  });
};

const statsOf = (broker: Broker): PubSubStats => {
  const push: Record<string, PushStats> = {};
  for (const [name, subscription] of broker.subscriptions)
    if (subscription.kind === 'push')
      push[name] = { ...subscription.counts, inFlight: subscription.inFlight, window: subscription.window };
  return { published: broker.published, journalBytes: broker.journalBytes, push };
};
