import { invalidArgument } from '../rpc/status.ts';

/** Messages are POSTed to `pushEndpoint` until it answers 102, 200, 201, 202 or 204. */
export interface PushSubscription {
  name: string;
  topic: string;
  pushEndpoint: string;
  /** Time the endpoint has for its answer; at most 600,000, default 10,000. Google's minimum of 10,000 is not imposed. */
  ackDeadlineMs?: number;
  /** Pause after the first refusal, doubled after each further one; default 10,000. */
  minBackoffMs?: number;
  /** Longest pause between two deliveries; at most 600,000, default 600,000. */
  maxBackoffMs?: number;
  deadLetterTopic?: string;
  /** 5..100, default 5; only together with `deadLetterTopic`, without one a message is retried until it expires. */
  maxDeliveryAttempts?: number;
  /** Age at which an unacknowledged message is dropped; default 7 days. */
  retentionMs?: number;
  /** Most pushes in flight at once; default 1000. The window starts small and grows while the endpoint succeeds. */
  maxOutstanding?: number;
  labels?: Record<string, string>;
}

/** Keeps its messages until somebody pulls and acknowledges them; they never expire. */
export interface PullSubscription {
  name: string;
  topic: string;
  /** How long a puller holds a message; at most 600,000, default 10,000. */
  ackDeadlineMs?: number;
  deadLetterTopic?: string;
  /** 5..100, default 5; only together with `deadLetterTopic`. */
  maxDeliveryAttempts?: number;
  /** Keep acknowledged messages for a seek, as long as `retentionMs` says. */
  retainAckedMessages?: boolean;
  /** Default 7 days. */
  retentionMs?: number;
  /** Whether clients are asked to keep the order; messages are handed out in the order of publishing anyway. */
  ordered?: boolean;
  labels?: Record<string, string>;
}

export type Subscription = PushSubscription | (PullSubscription & { pull: true });

interface DeadLetterSettings {
  deadLetter?: { topic: string; maxDeliveryAttempts: number };
}
type Settled<T> = Required<Omit<T, 'deadLetterTopic' | 'maxDeliveryAttempts'>> & DeadLetterSettings;
export type PushSettings = Settled<PushSubscription>;
export type PullSettings = Settled<PullSubscription>;

const LONGEST_MS = 600_000;
const DEFAULT_ACK_DEADLINE_MS = 10_000;
const RETENTION_MS = 7 * 24 * 3_600_000;

export const isPull = (subscription: Subscription): subscription is PullSubscription & { pull: true } =>
  'pull' in subscription;

const refuse = (name: string, problem: string): never => {
  throw invalidArgument(`Subscription "${name}": ${problem}`);
};

/** Applies Google's defaults and limits. Waiting times (not the retention) are multiplied by `timeScale`. */
export const pushSettings = (subscription: PushSubscription, timeScale: number): PushSettings => {
  const { name } = subscription;
  const minBackoffMs = subscription.minBackoffMs ?? 10_000;
  const maxBackoffMs = subscription.maxBackoffMs ?? LONGEST_MS;
  if (!(minBackoffMs >= 0 && minBackoffMs <= maxBackoffMs && maxBackoffMs <= LONGEST_MS))
    refuse(name, `the backoff must hold 0 <= minBackoffMs <= maxBackoffMs <= ${LONGEST_MS}.`);
  if (!URL.canParse(subscription.pushEndpoint))
    refuse(name, `pushEndpoint is not a URL: ${subscription.pushEndpoint}`);

  return {
    ...commonSettings(subscription, timeScale),
    pushEndpoint: subscription.pushEndpoint,
    minBackoffMs: minBackoffMs * timeScale,
    maxBackoffMs: maxBackoffMs * timeScale,
    maxOutstanding: subscription.maxOutstanding ?? 1000,
  };
};

/** As `pushSettings`. */
export const pullSettings = (subscription: PullSubscription, timeScale: number): PullSettings => ({
  ...commonSettings(subscription, timeScale),
  retainAckedMessages: subscription.retainAckedMessages ?? false,
  ordered: subscription.ordered ?? false,
});

function commonSettings(subscription: PushSubscription | PullSubscription, timeScale: number) {
  const { name, topic, labels = {}, retentionMs = RETENTION_MS } = subscription;
  const { ackDeadlineMs = DEFAULT_ACK_DEADLINE_MS } = subscription;
  if (!(ackDeadlineMs > 0 && ackDeadlineMs <= LONGEST_MS))
    refuse(name, `ackDeadlineMs must be within 1..${LONGEST_MS}, not ${ackDeadlineMs}.`);
  return {
    name,
    topic,
    labels,
    retentionMs,
    ackDeadlineMs: ackDeadlineMs * timeScale,
    ...deadLetterSettings(subscription),
  };
}

function deadLetterSettings(subscription: PushSubscription | PullSubscription): DeadLetterSettings {
  const { name, deadLetterTopic, maxDeliveryAttempts = 5 } = subscription;
  if (maxDeliveryAttempts < 5 || maxDeliveryAttempts > 100)
    refuse(name, `maxDeliveryAttempts must be within 5..100, not ${maxDeliveryAttempts}.`);
  if (subscription.maxDeliveryAttempts !== undefined && deadLetterTopic === undefined)
    refuse(name, 'maxDeliveryAttempts needs a deadLetterTopic.');
  return deadLetterTopic === undefined ? {} : { deadLetter: { topic: deadLetterTopic, maxDeliveryAttempts } };
}
