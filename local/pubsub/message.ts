import { wireMs } from './wire.ts';

/** What a publisher hands over: a body, attributes or both. */
export interface PubSubMessage {
  data: Buffer;
  attributes?: Record<string, string>;
  orderingKey?: string;
}

/** A message the bus has accepted. `data` stays base64, as it travels and as it is journaled. */
export interface StoredMessage {
  readonly id: string;
  readonly topic: string;
  /** Unix milliseconds. */
  readonly publishedAt: number;
  readonly data: string;
  readonly attributes: Record<string, string>;
  readonly orderingKey?: string;
}

const PROJECT = 'local';

export const subscriptionPath = (name: string, project = PROJECT): string =>
  `projects/${project}/subscriptions/${name}`;

export const topicPath = (name: string, project = PROJECT): string => `projects/${project}/topics/${name}`;

/** The `PubsubMessage` of the REST API; empty fields are left out, as Google's JSON does. */
const messageJson = (message: StoredMessage) => ({
  ...(message.data === '' ? {} : { data: message.data }),
  ...(Object.keys(message.attributes).length === 0 ? {} : { attributes: message.attributes }),
  messageId: message.id,
  publishTime: new Date(message.publishedAt).toISOString(),
  ...(message.orderingKey === undefined ? {} : { orderingKey: message.orderingKey }),
});

/**
 * The body of a wrapped push: https://cloud.google.com/pubsub/docs/push#receive_push.
 * `deliveryAttempt` is only sent by subscriptions with a dead-letter policy.
 */
export const pushBody = (message: StoredMessage, subscription: string, deliveryAttempt?: number): string => {
  const json = messageJson(message);
  return JSON.stringify({
    ...(deliveryAttempt === undefined ? {} : { deliveryAttempt }),
    message: { ...json, message_id: json.messageId, publish_time: json.publishTime },
    subscription: subscriptionPath(subscription),
  });
};

/**
 * The attributes Pub/Sub adds to a message it gives up on:
 * https://cloud.google.com/pubsub/docs/handling-failures#track_delivery_attempts.
 */
export const deadLetterAttributes = (
  message: StoredMessage,
  subscription: string,
  attempts: number,
): Record<string, string> => ({
  ...message.attributes,
  CloudPubSubDeadLetterSourceSubscription: subscription,
  CloudPubSubDeadLetterSourceSubscriptionProject: PROJECT,
  CloudPubSubDeadLetterSourceDeliveryCount: String(attempts),
  CloudPubSubDeadLetterSourceTopicPublishTime: new Date(message.publishedAt).toISOString(),
});

/** google.pubsub.v1.ReceivedMessage; how often it was delivered is stated where that decides on dead letters. */
export const wireReceived = (
  { ackId, unacked }: { ackId: string; unacked: { message: StoredMessage; attempts: number } },
  counted: boolean,
) => {
  const { message, attempts } = unacked;
  return {
    ackId,
    message: {
      data: Buffer.from(message.data, 'base64'),
      attributes: message.attributes,
      messageId: message.id,
      publishTime: wireMs(message.publishedAt),
      ...(message.orderingKey === undefined ? {} : { orderingKey: message.orderingKey }),
    },
    ...(counted ? { deliveryAttempt: attempts } : {}),
  };
};
