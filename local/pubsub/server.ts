import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { turnedAway } from '../own-doors.ts';
import { Broker, nameOf } from './broker.ts';
import { FaultDice, type Faults } from './faults.ts';
import type { PubSubMessage } from './message.ts';
import { PushClient } from './push-client.ts';
import type { PushDelivery } from './push-delivery.ts';
import { createRestHandler } from './rest.ts';
import type { Subscription } from './subscription.ts';

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
}

/**
 * Cloud Pub/Sub on 127.0.0.1: wrapped push with deadlines, backoff and dead letters, pull, and the REST API of both.
 * Delivers at least once; what is not acknowledged survives even a kill -9 of the process.
 */
export const startPubSubServer = async (options: PubSubServerOptions): Promise<PubSubServer> => {
  const { random = Math.random, timeScale = 1 } = options;
  const client = new PushClient();
  const faults = new FaultDice(random);
  const broker = new Broker({ ...options, random, timeScale, client, faults });
  const handler = createRestHandler(broker);
  const server = createServer((request, response) => {
    if (!turnedAway(request, response)) void handler(request, response);
  });

  await broker.restore(options.dataDir);
  const port = await listen(server, options.port ?? 0).catch(async (error: unknown) => {
    await broker.close();
    throw error;
  });

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
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await broker.close();
      client.close();
    },
  };
};

const listen = async (server: Server, port: number): Promise<number> => {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const text = `Pub/Sub cannot listen on 127.0.0.1:${port} (${cause.code}); free this port or choose another one.`;
      reject(new Error(text, { cause }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
};

const backlogOf = (broker: Broker): SubscriptionBacklog[] => {
  const now = Date.now();
  return [...broker.subscriptions.values()].map((subscription) => {
    const nextDeliveryAt = subscription.kind === 'push' ? subscription.nextDeliveryAt : undefined;
    return {
      subscription: nameOf(subscription),
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
