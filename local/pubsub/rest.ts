import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError, invalidArgument, notFound } from './api-error.ts';
import { type Broker, nameOf, topicOf } from './broker.ts';
import { messageJson, type PubSubMessage, subscriptionPath, topicPath } from './message.ts';
import type { PullQueue } from './pull-queue.ts';
import type { PushDelivery } from './push-delivery.ts';

/** Google's limit for one publish request: 10 MB (https://cloud.google.com/pubsub/quotas#resource_limits). */
const MAX_BODY_BYTES = 10_000_000;
const MAX_MESSAGES = 1000;
const MAX_ACK_DEADLINE_SECONDS = 600;

const PATH = /^\/v1\/projects\/([^/]+)\/(topics|subscriptions)(?:\/([^/:]+)(?::([a-zA-Z]+))?)?$/;

type Fields = Record<string, unknown>;

interface Call {
  project: string;
  name: string;
  body: Fields;
}

/** The part of https://cloud.google.com/pubsub/docs/reference/rest that publishes, pulls, acknowledges and lists. */
export const createRestHandler = (broker: Broker) => {
  const methods: Record<string, (call: Call) => unknown> = {
    'GET topics': ({ project }) => ({
      topics: [...broker.topics].map((name) => ({ name: topicPath(name, project) })),
    }),
    'GET subscriptions': ({ project }) => ({
      subscriptions: [...broker.subscriptions.values()].map((one) => subscriptionJson(one, project)),
    }),
    'GET topics/': ({ project, name }) => {
      if (!broker.topics.has(name)) throw notFound(topicPath(name, project), broker.topics);
      return { name: topicPath(name, project) };
    },
    'GET subscriptions/': (call) => subscriptionJson(find(broker, call), call.project),
    'POST topics/:publish': (call) => publish(broker, call),
    'POST subscriptions/:pull': (call) => pull(pullQueue(broker, call), call.body),
    'POST subscriptions/:acknowledge': async (call) => {
      await broker.acknowledge(pullQueue(broker, call), ackIds(call.body));
      return {};
    },
    'POST subscriptions/:modifyAckDeadline': (call) => modifyAckDeadline(pullQueue(broker, call), call.body),
  };

  const respond = async (request: IncomingMessage): Promise<unknown> => {
    const [path = ''] = (request.url ?? '').split('?');
    const [, project = '', collection = '', name, verb] = PATH.exec(decode(path)) ?? [];
    const rest = name === undefined ? '' : `/${verb === undefined ? '' : `:${verb}`}`;
    const method = methods[`${request.method} ${collection}${rest}`];
    if (method === undefined)
      throw new ApiError(404, 'NOT_FOUND', `There is no method ${request.method} ${path}.`);
    const body = request.method === 'POST' ? await readJson(request) : {};
    return method({ project, name: name ?? '', body });
  };

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      send(response, 200, await respond(request));
    } catch (error) {
      const refusal = error instanceof ApiError ? error : new ApiError(500, 'INTERNAL', String(error));
      send(response, refusal.httpStatus, refusal);
    }
  };
};

const send = (response: ServerResponse, status: number, json: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' }).end(JSON.stringify(json));
};

const decode = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    throw invalidArgument('The path is not valid percent-encoding.');
  }
};

const readJson = async (request: IncomingMessage): Promise<Fields> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (bytes > MAX_BODY_BYTES) throw invalidArgument(`The request is larger than ${MAX_BODY_BYTES} bytes.`);
  try {
    const json: unknown = JSON.parse(Buffer.concat(chunks).toString() || '{}');
    if (isFields(json)) return json;
  } catch {
    throw invalidArgument('The request body is not valid JSON.');
  }
  throw invalidArgument('The request body must be a JSON object.');
};

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const find = (broker: Broker, { project, name }: Call): PushDelivery | PullQueue => {
  const subscription = broker.subscription(name);
  if (subscription === undefined)
    throw notFound(subscriptionPath(name, project), broker.subscriptions.keys());
  return subscription;
};

const pullQueue = (broker: Broker, call: Call): PullQueue => {
  const subscription = find(broker, call);
  if (subscription.kind === 'pull') return subscription;
  throw new ApiError(
    400,
    'FAILED_PRECONDITION',
    `This method is not supported for the push subscription ${subscriptionPath(call.name, call.project)}.`,
  );
};

const publish = async (broker: Broker, { project, name, body }: Call) => {
  if (!broker.topics.has(name)) throw notFound(topicPath(name, project), broker.topics);
  const { messages } = body;
  if (!Array.isArray(messages) || messages.length === 0 || messages.length > MAX_MESSAGES)
    throw invalidArgument(`"messages" must hold 1 to ${MAX_MESSAGES} messages.`);
  const parsed = messages.map(parseMessage);
  return { messageIds: await Promise.all(parsed.map((message) => broker.publish(name, message))) };
};

const parseMessage = (message: unknown): PubSubMessage => {
  if (!isFields(message)) throw invalidArgument('A message must be a JSON object.');
  const { data = '', attributes = {}, orderingKey } = message;
  if (typeof data !== 'string' || !isBase64(data)) throw invalidArgument('"data" is not valid base64.');
  if (!isFields(attributes) || !Object.values(attributes).every((value) => typeof value === 'string'))
    throw invalidArgument('"attributes" must map strings to strings.');
  const bytes = Buffer.from(data, 'base64');
  if (bytes.length === 0 && Object.keys(attributes).length === 0)
    throw invalidArgument('Each message must contain either non-empty data, or at least one attribute.');
  return {
    data: bytes,
    attributes: attributes as Record<string, string>,
    ...(typeof orderingKey === 'string' && orderingKey !== '' ? { orderingKey } : {}),
  };
};

/** Standard or URL-safe alphabet, padded or not: Google's JSON parser takes both. */
const isBase64 = (text: string): boolean =>
  /^[A-Za-z0-9+/_-]*={0,2}$/.test(text) && text.replaceAll('=', '').length % 4 !== 1;

const pull = (queue: PullQueue, { maxMessages }: Fields) => {
  if (typeof maxMessages !== 'number' || maxMessages < 1)
    throw invalidArgument('"maxMessages" must be at least 1.');
  const received = queue.pull(Math.min(maxMessages, MAX_MESSAGES));
  if (received.length === 0) return {};
  return {
    receivedMessages: received.map(({ ackId, unacked }) => ({
      ackId,
      message: messageJson(unacked.message),
    })),
  };
};

const ackIds = ({ ackIds: ids }: Fields): string[] => {
  if (Array.isArray(ids) && ids.length > 0 && ids.every((id) => typeof id === 'string')) return ids;
  throw invalidArgument('"ackIds" must hold at least one ack ID.');
};

const modifyAckDeadline = (queue: PullQueue, body: Fields) => {
  const { ackDeadlineSeconds: seconds = 0 } = body;
  if (typeof seconds !== 'number' || seconds < 0 || seconds > MAX_ACK_DEADLINE_SECONDS)
    throw invalidArgument(`"ackDeadlineSeconds" must be within 0..${MAX_ACK_DEADLINE_SECONDS}.`);
  for (const ackId of ackIds(body)) queue.modifyAckDeadline(ackId, seconds * 1000);
  return {};
};

const subscriptionJson = (subscription: PushDelivery | PullQueue, project: string) => {
  const common = {
    name: subscriptionPath(nameOf(subscription), project),
    topic: topicPath(topicOf(subscription), project),
    state: 'ACTIVE',
  };
  if (subscription.kind === 'pull') return common;
  const { settings } = subscription;
  const { deadLetter } = settings;
  return {
    ...common,
    pushConfig: { pushEndpoint: settings.pushEndpoint },
    ackDeadlineSeconds: settings.ackDeadlineMs / 1000,
    retryPolicy: {
      minimumBackoff: `${settings.minBackoffMs / 1000}s`,
      maximumBackoff: `${settings.maxBackoffMs / 1000}s`,
    },
    ...(deadLetter === undefined
      ? {}
      : {
          deadLetterPolicy: {
            deadLetterTopic: topicPath(deadLetter.topic, project),
            maxDeliveryAttempts: deadLetter.maxDeliveryAttempts,
          },
        }),
  };
};
