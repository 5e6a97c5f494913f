import { type Methods, unary } from '../rpc/methods.ts';
import { invalidArgument } from '../rpc/status.ts';
import type { Broker } from './broker.ts';
import { topicPath, wireReceived } from './message.ts';
import { pageOf } from './pages.ts';
import type { PullQueue, Received } from './pull-queue.ts';
import { checkNewId, parseProject, parseResource } from './resources.ts';
import type { Snapshot } from './snapshots.ts';
import { decodeSubscription, encodeSubscription } from './subscription-codec.ts';
import { pullQueueNamed, subscriptionNamed, topicNamed } from './subscriptions.ts';
import { msOf, type WireDuration, type WireSubscription, wireMs } from './wire.ts';

const MAX_MESSAGES = 1000;
const MAX_ACK_DEADLINE_SECONDS = 600;

interface PullRequest {
  subscription?: string;
  maxMessages?: number;
  returnImmediately?: boolean;
}

/** google.pubsub.v1.Subscriber, but for the streaming pull. `patienceMs`: how long a pull waits for the first message. */
export function subscriberMethods(broker: Broker, patienceMs: number): Methods {
  return {
    ...administration(broker),
    ...snapshotMethods(broker),
    Pull: unary((request: PullRequest) => pull(broker, request, patienceMs)),
    Acknowledge: unary(async (request: { subscription?: string; ackIds?: string[] }) => {
      await broker.acknowledge(pullQueueNamed(broker, request.subscription), ackIds(request));
      return {};
    }),
    ModifyAckDeadline: unary(
      (request: { subscription?: string; ackIds?: string[]; ackDeadlineSeconds?: number }) => {
        const queue = pullQueueNamed(broker, request.subscription);
        const { ackDeadlineSeconds: seconds = 0 } = request;
        if (seconds < 0 || seconds > MAX_ACK_DEADLINE_SECONDS)
          throw invalidArgument(`"ackDeadlineSeconds" must be within 0..${MAX_ACK_DEADLINE_SECONDS}.`);
        for (const ackId of ackIds(request)) queue.modifyAckDeadline(ackId, seconds * 1000);
        return {};
      },
    ),
  };
}

function administration(broker: Broker): Methods {
  return {
    CreateSubscription: unary(async (wire: WireSubscription) => {
      topicNamed(broker, wire.topic);
      await broker.catalog.createSubscription(decodeSubscription(wire), wire.name);
      return encodeSubscription(
        subscriptionNamed(broker, wire.name),
        parseResource(wire.name, 'subscriptions').project,
      );
    }),
    GetSubscription: unary(({ subscription }: { subscription?: string }) =>
      encodeSubscription(
        subscriptionNamed(broker, subscription),
        parseResource(subscription, 'subscriptions').project,
      ),
    ),
    UpdateSubscription: unary(
      (request: { subscription: WireSubscription; updateMask?: { paths?: string[] } }) =>
        update(broker, request),
    ),
    ModifyPushConfig: unary(
      async ({
        subscription: name = '',
        pushConfig,
      }: {
        subscription?: string;
        pushConfig?: WireSubscription['pushConfig'];
      }) => {
        const subscription: WireSubscription = { name, pushConfig: pushConfig ?? {} };
        await update(broker, { subscription, updateMask: { paths: ['push_config'] } });
        return {};
      },
    ),
    DeleteSubscription: unary(async ({ subscription }: { subscription?: string }) => {
      await broker.catalog.deleteSubscription(subscriptionNamed(broker, subscription));
      return {};
    }),
    DetachSubscription: unary(async ({ subscription }: { subscription?: string }) => {
      await broker.catalog.deleteSubscription(subscriptionNamed(broker, subscription));
      return {};
    }),
    ListSubscriptions: unary((request: { project?: string; pageSize?: number; pageToken?: string }) => {
      const project = parseProject(request.project);
      const { page, nextPageToken } = pageOf([...broker.subscriptions.values()], request);
      return { subscriptions: page.map((one) => encodeSubscription(one, project)), nextPageToken };
    }),
  };
}

async function update(
  broker: Broker,
  { subscription, updateMask }: { subscription: WireSubscription; updateMask?: { paths?: string[] } },
) {
  const { project } = parseResource(subscription.name, 'subscriptions');
  const current = subscriptionNamed(broker, subscription.name);
  const paths = updateMask?.paths ?? [];
  if (paths.length === 0) throw invalidArgument('The update mask names nothing to change.');
  const merged: WireSubscription = { ...encodeSubscription(current, project) };
  for (const path of paths) {
    const [head = ''] = path.split('.');
    const setting = head.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    if (setting === 'name' || setting === 'topic')
      throw invalidArgument(`A subscription keeps its ${setting}.`);
    merged[setting] = subscription[setting];
  }
  await broker.catalog.replaceSubscription(current, decodeSubscription(merged));
  return encodeSubscription(subscriptionNamed(broker, subscription.name), project);
}

async function pull(broker: Broker, request: PullRequest, patienceMs: number) {
  const queue = pullQueueNamed(broker, request.subscription);
  const { maxMessages = 0, returnImmediately = false } = request;
  if (maxMessages < 1) throw invalidArgument('"maxMessages" must be at least 1.');
  const options = { maxMessages: Math.min(maxMessages, MAX_MESSAGES) };
  let received = queue.pull(options);
  if (received.length === 0 && !returnImmediately && patienceMs > 0) {
    received = await pullWhenThereIsSomething(queue, options, patienceMs);
  }
  const counted = queue.settings.deadLetter !== undefined;
  return { receivedMessages: received.map((one) => wireReceived(one, counted)) };
}

function pullWhenThereIsSomething(
  queue: PullQueue,
  options: { maxMessages: number },
  patienceMs: number,
): Promise<Received[]> {
  return new Promise((resolve) => {
    const end = (received: Received[]) => {
      clearTimeout(timer);
      stop();
      resolve(received);
    };
    const timer = setTimeout(() => end([]), patienceMs);
    timer.unref();
    const stop = queue.onAvailable(() => {
      const received = queue.pull(options);
      if (received.length > 0) end(received);
    });
  });
}

function ackIds({ ackIds: ids = [] }: { ackIds?: string[] }): string[] {
  if (ids.length === 0) throw invalidArgument('"ackIds" must hold at least one ack ID.');
  return ids;
}

/** 0 takes the subscription's own. */
export function leaseMsOf(seconds: number, queue: PullQueue): number {
  if (seconds === 0) return queue.settings.ackDeadlineMs;
  if (seconds < 10 || seconds > MAX_ACK_DEADLINE_SECONDS)
    throw invalidArgument(
      `The stream's ack deadline must be within 10..${MAX_ACK_DEADLINE_SECONDS} seconds.`,
    );
  return seconds * 1000;
}

function snapshotMethods(broker: Broker): Methods {
  const encode = (snapshot: Snapshot, project: string) => ({
    name: `projects/${project}/snapshots/${snapshot.id}`,
    topic: topicPath(snapshot.topic, project),
    expireTime: wireMs(snapshot.expiresAt),
    labels: snapshot.labels,
  });
  const named = (name: string | undefined) => {
    const { id, project } = parseResource(name, 'snapshots');
    return { snapshot: broker.snapshots.get(id, name ?? ''), project };
  };
  return {
    CreateSnapshot: unary(
      ({
        name = '',
        subscription,
        labels = {},
      }: {
        name?: string;
        subscription?: string;
        labels?: Record<string, string>;
      }) => {
        const { id, project } = parseResource(name, 'snapshots');
        checkNewId(id);
        return encode(
          broker.snapshots.create(id, name, pullQueueNamed(broker, subscription), labels),
          project,
        );
      },
    ),
    GetSnapshot: unary(({ snapshot: name }: { snapshot?: string }) => {
      const { snapshot, project } = named(name);
      return encode(snapshot, project);
    }),
    ListSnapshots: unary((request: { project?: string; pageSize?: number; pageToken?: string }) => {
      const project = parseProject(request.project);
      const { page, nextPageToken } = pageOf(broker.snapshots.all(), request);
      return { snapshots: page.map((one) => encode(one, project)), nextPageToken };
    }),
    UpdateSnapshot: unary(
      ({ snapshot: wire }: { snapshot: { name?: string; labels?: Record<string, string> } }) => {
        const { snapshot, project } = named(wire.name);
        snapshot.labels = wire.labels ?? {};
        return encode(snapshot, project);
      },
    ),
    DeleteSnapshot: unary(({ snapshot: name = '' }: { snapshot?: string }) => {
      broker.snapshots.delete(named(name).snapshot.id, name);
      return {};
    }),
    Seek: unary(async (request: { subscription?: string; time?: WireDuration; snapshot?: string }) => {
      const queue = pullQueueNamed(broker, request.subscription);
      if (request.snapshot) await broker.seek(queue, isOwedAt(named(request.snapshot).snapshot));
      else if (request.time) await broker.seek(queue, isOwedSince(msOf(request.time)));
      else throw invalidArgument('Seek to a time or to a snapshot.');
      return {};
    }),
  };
}

const isOwedAt =
  ({ unacked, takenAt }: Snapshot) =>
  (message: { id: string; publishedAt: number }) =>
    unacked.has(message.id) || message.publishedAt > takenAt;

const isOwedSince =
  (ms: number) =>
  ({ publishedAt }: { publishedAt: number }) =>
    publishedAt >= ms;
