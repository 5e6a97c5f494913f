import { z } from 'zod';
import { APPLY, broken, error, type Finding, type Rule, warning } from './finding.ts';
import { configOf, type DeployedFunctions } from './functions.ts';
import { type GoogleApi, unseenOf } from './google-api.ts';
import type { Feed, Names } from './names.ts';

const subscriptionShape = z.looseObject({
  topic: z.string().default(''),
  state: z.string().default('ACTIVE'),
  detached: z.boolean().default(false),
  filter: z.string().default(''),
  ackDeadlineSeconds: z.number().default(10),
  messageRetentionDuration: z.string().optional(),
  /** Without one the subscription ends after 31 idle days; with an empty one it never does. */
  expirationPolicy: z.looseObject({ ttl: z.string().optional() }).optional(),
  retryPolicy: z
    .looseObject({ minimumBackoff: z.string().optional(), maximumBackoff: z.string().optional() })
    .optional(),
  deadLetterPolicy: z
    .looseObject({
      deadLetterTopic: z.string().default(''),
      maxDeliveryAttempts: z.number().default(5),
    })
    .optional(),
  pushConfig: z
    .looseObject({
      pushEndpoint: z.string().default(''),
      oidcToken: z
        .looseObject({ serviceAccountEmail: z.string().default(''), audience: z.string().optional() })
        .optional(),
    })
    .prefault({}),
});

type Subscription = z.infer<typeof subscriptionShape>;

const DAY_SECONDS = 86_400;
const WEEK_DAYS = 7;
const DEAD_LETTER_DAYS = 31;
/** The smoke object goes to a revision without traffic, and so does its picture, by subscriptions of their own. */
const ALL_BUT_SMOKE =
  /^(?:NOT hasPrefix\(attributes\.objectId, "[0-9a-f]{32}\/"\)|attributes\.objectId != "[^"]+")?$/;
/** Fewer are used up while the lease of a crashed instance still runs. */
const FEWEST_ATTEMPTS = 15;

/** The subscription that feeds a function. */
export async function examineSubscription(
  api: GoogleApi,
  names: Names,
  functions: DeployedFunctions,
  feed: Feed,
): Promise<Finding[]> {
  const id = names.topic(feed);
  const looked = await api.get(pathOf(names, id), subscriptionShape);
  if (looked.state === 'missing') {
    return [error(`There is no subscription ${id}: ${names.service(feed.fn)} hears of nothing.`, APPLY)];
  }
  if (looked.state === 'unseen') return [unseenOf(`the subscription ${id}`, looked)];
  const update = `gcloud pubsub subscriptions update ${id} --project=${names.project}`;
  return broken([
    ...lifeRules(names, id, looked.value, WEEK_DAYS, update),
    ...pushRules(names, functions, feed, looked.value),
    ...failureRules(names, feed, looked.value, update),
  ]);
}

/** The subscription that keeps what could not be delivered. */
export async function examineDeadLetters(api: GoogleApi, names: Names, feed: Feed): Promise<Finding[]> {
  const id = names.deadLetters(feed);
  const looked = await api.get(pathOf(names, id), subscriptionShape);
  if (looked.state === 'missing') {
    return [error(`There is no subscription ${id}: what cannot be delivered is forgotten.`, APPLY)];
  }
  if (looked.state === 'unseen') return [unseenOf(`the subscription ${id}`, looked)];
  const update = `gcloud pubsub subscriptions update ${id} --project=${names.project}`;
  return broken(lifeRules(names, id, looked.value, DEAD_LETTER_DAYS, update));
}

const pathOf = ({ project }: Names, id: string): string =>
  `https://pubsub.googleapis.com/v1/projects/${project}/subscriptions/${id}`;

function lifeRules(
  { project }: Names,
  id: string,
  subscription: Subscription,
  days: number,
  update: string,
): Rule[] {
  const { expirationPolicy, messageRetentionDuration, state, detached } = subscription;
  return [
    {
      holds: subscription.topic === `projects/${project}/topics/${id}` && !detached,
      otherwise: error(
        `The subscription ${id} is cut off from the topic ${id}.`,
        `gcloud pubsub subscriptions delete ${id} --project=${project} && ${APPLY}`,
      ),
    },
    {
      holds: state === 'ACTIVE',
      otherwise: error(`The subscription ${id} is in the state ${state}.`, APPLY),
    },
    {
      holds: expirationPolicy !== undefined && expirationPolicy.ttl === undefined,
      otherwise: error(
        `The subscription ${id} is deleted when it is idle for ${daysOf(expirationPolicy?.ttl) || 31} days.`,
        `${update} --expiration-period=never`,
      ),
    },
    {
      holds: daysOf(messageRetentionDuration) >= days,
      otherwise: warning(
        `The subscription ${id} keeps messages for ${daysOf(messageRetentionDuration)} days only.`,
        `${update} --message-retention-duration=${days}d`,
      ),
    },
  ];
}

function pushRules(
  names: Names,
  functions: DeployedFunctions,
  feed: Feed,
  { pushConfig, ackDeadlineSeconds }: Subscription,
): Rule[] {
  const id = names.topic(feed);
  const config = configOf(functions, feed.fn);
  const account = names.pushAccount(feed.fn);
  const { pushEndpoint, oidcToken } = pushConfig;
  const uri = config?.uri ?? pushEndpoint;
  const push = `gcloud pubsub subscriptions modify-push-config ${id} --push-endpoint=${uri || 'URL'} --push-auth-service-account=${account} --push-auth-token-audience=${uri || 'URL'} --project=${names.project}`;
  if (pushEndpoint === '') {
    return [
      { holds: false, otherwise: error(`The subscription ${id} is held back: it delivers to nobody.`, push) },
    ];
  }
  return [
    {
      holds: sameUrl(pushEndpoint, uri),
      otherwise: error(
        `The subscription ${id} delivers to ${pushEndpoint}, not to ${names.service(feed.fn)}.`,
        push,
      ),
    },
    {
      holds: oidcToken?.serviceAccountEmail === account,
      otherwise: error(
        `The subscription ${id} calls ${oidcToken ? `as ${oidcToken.serviceAccountEmail}` : 'without saying who it is'}, not as ${account}: it is refused.`,
        push,
      ),
    },
    {
      holds: oidcToken?.audience === undefined || sameUrl(oidcToken.audience, uri),
      otherwise: error(
        `The subscription ${id} calls ${names.service(feed.fn)} with another audience: it is refused.`,
        push,
      ),
    },
    {
      holds: config === undefined || ackDeadlineSeconds >= Math.min(600, config.timeoutSeconds),
      otherwise: error(
        `The subscription ${id} waits ${ackDeadlineSeconds} s, but ${names.service(feed.fn)} may work for ${config?.timeoutSeconds} s: what is being worked on is delivered again.`,
        `gcloud pubsub subscriptions update ${id} --ack-deadline=${Math.min(600, (config?.timeoutSeconds ?? 0) + 30)} --project=${names.project}`,
      ),
    },
  ];
}

function failureRules(names: Names, feed: Feed, subscription: Subscription, update: string): Rule[] {
  const id = names.topic(feed);
  const { retryPolicy, deadLetterPolicy } = subscription;
  const topic = names.deadLetters(feed);
  const give = `${update} --dead-letter-topic=${topic} --max-delivery-attempts=20`;
  return [
    {
      holds: ALL_BUT_SMOKE.test(subscription.filter),
      otherwise: warning(
        `The subscription ${id} passes over what does not match ${subscription.filter}.`,
        `gcloud pubsub subscriptions delete ${id} --project=${names.project} && ${APPLY}`,
      ),
    },
    {
      holds: secondsOf(retryPolicy?.minimumBackoff) >= 1,
      otherwise: error(
        `The subscription ${id} delivers again at once: a failing function is called without pause.`,
        `${update} --min-retry-delay=10s --max-retry-delay=600s`,
      ),
    },
    {
      holds: deadLetterPolicy?.deadLetterTopic === `projects/${names.project}/topics/${topic}`,
      otherwise: error(
        `The subscription ${id} does not put aside what cannot be delivered: it is tried for days, then lost.`,
        give,
      ),
    },
    {
      holds: (deadLetterPolicy?.maxDeliveryAttempts ?? FEWEST_ATTEMPTS) >= FEWEST_ATTEMPTS,
      otherwise: warning(
        `The subscription ${id} gives up after ${deadLetterPolicy?.maxDeliveryAttempts} deliveries; a crash alone can use up as many.`,
        give,
      ),
    },
  ];
}

const sameUrl = (a: string, b: string): boolean => a.replace(/\/$/, '') === b.replace(/\/$/, '');

/** Seconds of a duration such as `604800s`. */
const secondsOf = (text: string | undefined): number => Number.parseFloat(text ?? '0');

const daysOf = (text: string | undefined): number => Math.floor(secondsOf(text) / DAY_SECONDS);
