import { failedPrecondition } from '../rpc/status.ts';
import type { Broker } from './broker.ts';
import { subscriptionPath, topicPath } from './message.ts';
import type { PullQueue } from './pull-queue.ts';
import type { PushDelivery } from './push-delivery.ts';
import { missing, parseResource } from './resources.ts';

/** Throws NOT_FOUND. */
export function subscriptionNamed(broker: Broker, name: string | undefined): PushDelivery | PullQueue {
  const { id, project } = parseResource(name, 'subscriptions');
  const subscription = broker.subscription(id);
  if (subscription) return subscription;
  throw missing(subscriptionPath(id, project), broker.subscriptions.keys());
}

/** Throws NOT_FOUND, or FAILED_PRECONDITION for a push subscription. */
export function pullQueueNamed(broker: Broker, name: string | undefined): PullQueue {
  const subscription = subscriptionNamed(broker, name);
  if (subscription.kind === 'pull') return subscription;
  throw failedPrecondition(`This method is not supported for the push subscription ${name}.`);
}

/** The id of a topic that exists; throws NOT_FOUND. */
export function topicNamed(broker: Broker, name: string | undefined): string {
  const { id, project } = parseResource(name, 'topics');
  if (broker.topics.has(id)) return id;
  throw missing(topicPath(id, project), broker.topics);
}
