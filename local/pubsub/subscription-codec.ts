import { invalidArgument, unimplemented } from '../rpc/status.ts';
import { subscriptionPath, topicPath } from './message.ts';
import type { PullQueue } from './pull-queue.ts';
import type { PushDelivery } from './push-delivery.ts';
import { checkNewId, parseResource } from './resources.ts';
import type { Subscription } from './subscription.ts';
import { msOf, type WireSubscription, wireMs } from './wire.ts';

/** Settings of google.pubsub.v1.Subscription that are not built here: refused, never ignored. */
const NOT_HERE = [
  'bigqueryConfig',
  'cloudStorageConfig',
  'bigtableConfig',
  'filter',
  'enableExactlyOnceDelivery',
  'messageTransforms',
] as const;
const NOT_HERE_IN_PUSH = ['oidcToken', 'noWrapper', 'attributes'] as const;

/** What never ends here anyway, or is set by the server. */
const WITHOUT_EFFECT = new Set([
  'expirationPolicy',
  'state',
  'detached',
  'topicMessageRetentionDuration',
  'tags',
]);

/** Throws INVALID_ARGUMENT or UNIMPLEMENTED for a subscription that cannot be made here. */
export function decodeSubscription(wire: WireSubscription): Subscription {
  const name = parseResource(wire.name, 'subscriptions').id;
  checkNewId(name);
  refuseWhatIsNotHere(wire);
  const topic = parseResource(wire.topic, 'topics').id;
  const { ackDeadlineSeconds, messageRetentionDuration, retryPolicy, labels } = wire;
  if (ackDeadlineSeconds && (ackDeadlineSeconds < 10 || ackDeadlineSeconds > 600)) {
    throw invalidArgument(`The ack deadline must be within 10..600 seconds, not ${ackDeadlineSeconds}.`);
  }
  const common = {
    name,
    topic,
    ...(labels ? { labels } : {}),
    ...(ackDeadlineSeconds ? { ackDeadlineMs: ackDeadlineSeconds * 1000 } : {}),
    ...(messageRetentionDuration ? { retentionMs: msOf(messageRetentionDuration) } : {}),
    ...decodeDeadLetters(wire),
  };
  const pushEndpoint = wire.pushConfig?.pushEndpoint;
  if (!pushEndpoint) {
    const { retainAckedMessages = false, enableMessageOrdering: ordered = false } = wire;
    return { ...common, pull: true, retainAckedMessages, ordered };
  }
  if (wire.enableMessageOrdering)
    throw unimplemented('Ordered push is not built here: pull in order instead.');
  const { minimumBackoff, maximumBackoff } = retryPolicy ?? {};
  return {
    ...common,
    pushEndpoint,
    ...(minimumBackoff ? { minBackoffMs: msOf(minimumBackoff) } : {}),
    ...(maximumBackoff ? { maxBackoffMs: msOf(maximumBackoff) } : {}),
  };
}

function refuseWhatIsNotHere(wire: WireSubscription): void {
  const known = new Set<string>(NOT_HERE);
  for (const [setting, value] of Object.entries(wire)) {
    if (known.has(setting) && value && !WITHOUT_EFFECT.has(setting) && !isEmpty(value)) {
      throw unimplemented(`The local Pub/Sub has no ${setting} of subscriptions.`);
    }
  }
  for (const setting of NOT_HERE_IN_PUSH) {
    if (wire.pushConfig?.[setting] && !isEmpty(wire.pushConfig[setting])) {
      throw unimplemented(`The local Pub/Sub has no pushConfig.${setting}.`);
    }
  }
}

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

function decodeDeadLetters({ deadLetterPolicy }: WireSubscription) {
  if (!deadLetterPolicy?.deadLetterTopic) return {};
  const deadLetterTopic = parseResource(deadLetterPolicy.deadLetterTopic, 'topics').id;
  const { maxDeliveryAttempts } = deadLetterPolicy;
  return { deadLetterTopic, ...(maxDeliveryAttempts ? { maxDeliveryAttempts } : {}) };
}

export function encodeSubscription(
  { settings, kind }: PushDelivery | PullQueue,
  project: string,
): WireSubscription {
  const { deadLetter, labels } = settings;
  return {
    name: subscriptionPath(settings.name, project),
    topic: topicPath(settings.topic, project),
    state: 'ACTIVE',
    ackDeadlineSeconds: Math.max(1, Math.round(settings.ackDeadlineMs / 1000)),
    messageRetentionDuration: wireMs(settings.retentionMs),
    expirationPolicy: {},
    pushConfig: kind === 'push' ? { pushEndpoint: settings.pushEndpoint } : {},
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(kind === 'push'
      ? {
          retryPolicy: {
            minimumBackoff: wireMs(settings.minBackoffMs),
            maximumBackoff: wireMs(settings.maxBackoffMs),
          },
        }
      : { retainAckedMessages: settings.retainAckedMessages, enableMessageOrdering: settings.ordered }),
    ...(deadLetter === undefined
      ? {}
      : {
          deadLetterPolicy: {
            deadLetterTopic: topicPath(deadLetter.topic, project),
            maxDeliveryAttempts: deadLetter.maxDeliveryAttempts,
          },
        }),
  };
}
