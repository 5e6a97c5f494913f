import type { Subscription } from './pubsub/subscription.ts';
import type { ConfiguredNotification } from './storage/notifications.ts';

/** The same names that `terraform apply` gives, so that commands read alike. */
export const UPLOADS_BUCKET = 'uploads';
export const PREPARED_BUCKET = 'prepared';
export const PROJECT = 'local';

/** Collections whose documents expire, as in terraform/modules/pipeline/firestore.tf. */
export const EXPIRING = [
  'results',
  'answers',
  'labels',
  'audit',
  'batches',
  'spend',
  'shards',
  'idempotency',
  'submissions',
] as const;

/** Stages behind a push subscription: each takes the events of one bucket. */
const STAGES = [
  { name: 'resize-image', bucket: UPLOADS_BUCKET, topic: 'uploads', maxOutstanding: 6 },
  { name: 'analyze-image', bucket: PREPARED_BUCKET, topic: 'prepared', maxOutstanding: 32 },
] as const;

/** Where Cloud Billing publishes what a budget has come to. */
const BUDGET = { name: 'budget-alert', topic: 'budget', maxOutstanding: 4 } as const;

/** Where a stage rings when a picture has ended that somebody wants to be notified of. */
const WEBHOOK = { name: 'webhook', topic: 'webhooks', maxOutstanding: 16 } as const;

/** Where analyze-image rings when enough pictures wait for a batch. */
const BATCH = { name: 'batch', topic: 'batches', maxOutstanding: 1 } as const;

/** Functions that Pub/Sub pushes to. */
const PUSHED = [...STAGES, BUDGET, WEBHOOK, BATCH];

export type FunctionName = (typeof PUSHED)[number]['name'] | 'api' | 'sweep';

export const FUNCTION_NAMES: readonly FunctionName[] = [...PUSHED.map(({ name }) => name), 'api', 'sweep'];

/** How often the sweep runs and webhooks that are due are looked for, as in `terraform/modules/pipeline/scheduler.tf`. Milliseconds. */
export const SWEEP_EVERY_MS = 300_000;
export const WEBHOOKS_EVERY_MS = 60_000;
/** Nobody pays for calls here, and people who try a batch look at it at once. */
export const BATCHES_EVERY_MS = 5_000;

/** Milliseconds; tests shorten them. */
export interface DeliveryTimes {
  ackDeadlineMs: number;
  minBackoffMs: number;
  maxBackoffMs: number;
  /** Deliveries, then it is a dead letter. A crashed owner's lease must not use them up. */
  maxDeliveryAttempts: number;
}

export const DELIVERY_TIMES: DeliveryTimes = {
  ackDeadlineMs: 90_000,
  minBackoffMs: 500,
  maxBackoffMs: 30_000,
  maxDeliveryAttempts: 20,
};

const deadLetterTopic = (topic: string): string => `${topic}-dead-letters`;

export const BUDGET_TOPIC: string = BUDGET.topic;
export const WEBHOOKS_TOPIC: string = WEBHOOK.topic;
export const BATCHES_TOPIC: string = BATCH.topic;

export const TOPICS: string[] = PUSHED.flatMap(({ topic }) => [topic, deadLetterTopic(topic)]);

export const NOTIFICATIONS: ConfiguredNotification[] = STAGES.map(({ bucket, topic }) => ({
  bucket,
  topic,
  eventTypes: ['OBJECT_FINALIZE', 'OBJECT_DELETE'],
}));

/** A push subscription per stage, and a pull subscription that keeps its dead letters. */
export const subscriptions = (
  ports: Readonly<Record<FunctionName, number>>,
  times: DeliveryTimes,
): Subscription[] =>
  PUSHED.flatMap(({ name, topic, maxOutstanding }): Subscription[] => [
    {
      name,
      topic,
      pushEndpoint: `http://127.0.0.1:${ports[name]}/`,
      deadLetterTopic: deadLetterTopic(topic),
      maxOutstanding,
      ...times,
    },
    { name: deadLetterTopic(topic), topic: deadLetterTopic(topic), pull: true },
  ]);
