import { type Methods, unary } from '../rpc/methods.ts';
import { invalidArgument, unimplemented } from '../rpc/status.ts';
import type { Broker } from './broker.ts';
import { type PubSubMessage, subscriptionPath, topicPath } from './message.ts';
import { pageOf } from './pages.ts';
import { checkNewId, parseProject, parseResource } from './resources.ts';
import { topicNamed } from './subscriptions.ts';
import type { WireMessage, WireTopic } from './wire.ts';

const MAX_MESSAGES = 1000;

interface Paged {
  pageSize?: number;
  pageToken?: string;
}

/** Settings of google.pubsub.v1.Topic that are not built here: refused, never ignored. */
const NOT_HERE = [
  'schemaSettings',
  'kmsKeyName',
  'ingestionDataSourceSettings',
  'messageTransforms',
] as const;

/** google.pubsub.v1.Publisher */
export function publisherMethods(broker: Broker): Methods {
  return {
    CreateTopic: unary(async (topic: WireTopic) => {
      const { id } = parseResource(topic.name, 'topics');
      checkNewId(id);
      for (const setting of NOT_HERE) {
        const value = topic[setting];
        if (value && (!Array.isArray(value) || value.length > 0))
          throw unimplemented(`The local Pub/Sub has no ${setting} of topics.`);
      }
      await broker.catalog.createTopic(id, topic.name);
      return { name: topic.name };
    }),
    GetTopic: unary(({ topic = '' }: { topic?: string }) => {
      topicNamed(broker, topic);
      return { name: topic };
    }),
    UpdateTopic: unary(() => {
      throw unimplemented('A topic of the local Pub/Sub has nothing that could be changed.');
    }),
    DeleteTopic: unary(async ({ topic }: { topic?: string }) => {
      await broker.catalog.deleteTopic(topicNamed(broker, topic));
      return {};
    }),
    ListTopics: unary((request: Paged & { project?: string }) => {
      const project = parseProject(request.project);
      const { page, nextPageToken } = pageOf([...broker.topics], request);
      return { topics: page.map((id) => ({ name: topicPath(id, project) })), nextPageToken };
    }),
    ListTopicSubscriptions: unary((request: Paged & { topic?: string }) => {
      const id = topicNamed(broker, request.topic);
      const { project } = parseResource(request.topic, 'topics');
      const of = [...broker.subscriptions.values()].filter(({ settings }) => settings.topic === id);
      const { page, nextPageToken } = pageOf(of, request);
      return {
        subscriptions: page.map(({ settings }) => subscriptionPath(settings.name, project)),
        nextPageToken,
      };
    }),
    ListTopicSnapshots: unary((request: Paged & { topic?: string }) => {
      const id = topicNamed(broker, request.topic);
      const { project } = parseResource(request.topic, 'topics');
      const of = broker.snapshots.all().filter(({ topic }) => topic === id);
      return { snapshots: of.map((one) => `projects/${project}/snapshots/${one.id}`) };
    }),
    Publish: unary((request: { topic?: string; messages?: WireMessage[] }) => publish(broker, request)),
  };
}

async function publish(
  broker: Broker,
  { topic, messages = [] }: { topic?: string; messages?: WireMessage[] },
) {
  const id = topicNamed(broker, topic);
  if (messages.length === 0 || messages.length > MAX_MESSAGES)
    throw invalidArgument(`"messages" must hold 1 to ${MAX_MESSAGES} messages.`);
  // All of them are looked at before one is taken.
  const parsed = messages.map(parseMessage);
  return { messageIds: await Promise.all(parsed.map((message) => broker.publish(id, message))) };
}

function parseMessage({ data, attributes = {}, orderingKey }: WireMessage): PubSubMessage {
  const bytes = Buffer.from(data ?? []);
  if (bytes.length === 0 && Object.keys(attributes).length === 0)
    throw invalidArgument('Each message must contain either non-empty data, or at least one attribute.');
  return { data: bytes, attributes, ...(orderingKey ? { orderingKey } : {}) };
}
