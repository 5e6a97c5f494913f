import { type Call, type Service, sendEmpty, sendJson } from './call.ts';
import { invalid, notImplemented, StorageError } from './errors.ts';
import { nextNotificationId, notificationResource } from './notifications.ts';
import { readJson } from './request-body.ts';
import type { EventType, Notification } from './resource.ts';

const EVENT_TYPES: ReadonlySet<string> = new Set<EventType>([
  'OBJECT_FINALIZE',
  'OBJECT_DELETE',
  'OBJECT_ARCHIVE',
  'OBJECT_METADATA_UPDATE',
]);
// Clients write it with and without the host of Pub/Sub.
const TOPIC = /^(?:\/\/pubsub\.googleapis\.com\/)?projects\/([^/]+)\/topics\/([^/]+)$/;

/** `/b/BUCKET/notificationConfigs[/ID]`; undefined: no such operation. */
export async function notificationsRoute(
  service: Service,
  call: Call,
  bucket: string,
  id: string | undefined,
): Promise<boolean> {
  const known = service.store.buckets.get(bucket).notifications ?? [];
  const resource = (one: Notification) => notificationResource(bucket, one, call.baseUrl);
  const one = id === undefined ? undefined : known.find((notification) => notification.id === id);
  if (id !== undefined && one === undefined) throw noSuchNotification(bucket, id);
  switch (`${call.method} ${one ? 'one' : 'all'}`) {
    case 'GET all':
      sendJson(call, { kind: 'storage#notifications', items: known.map(resource) });
      return true;
    case 'POST all': {
      const made = await notificationFrom(service, call, known);
      const current = service.store.buckets.get(bucket).notifications ?? [];
      service.store.buckets.setNotifications(bucket, [...current, made]);
      sendJson(call, resource(made));
      return true;
    }
    case 'GET one':
      if (one) sendJson(call, resource(one));
      return true;
    case 'DELETE one':
      service.store.buckets.setNotifications(
        bucket,
        known.filter((notification) => notification !== one),
      );
      sendEmpty(call, 204);
      return true;
    default:
      return false;
  }
}

async function notificationFrom(
  service: Service,
  call: Call,
  known: readonly Notification[],
): Promise<Notification> {
  const body = await readJson(call.request);
  const { topic, payload_format, event_types, object_name_prefix, custom_attributes } = body;
  const [, project, name] = TOPIC.exec(String(topic)) ?? [];
  if (project === undefined || name === undefined) {
    throw invalid(
      `Invalid Pub/Sub topic: ${String(topic)}; write //pubsub.googleapis.com/projects/P/topics/T.`,
    );
  }
  if (payload_format !== undefined && payload_format !== 'JSON_API_V1' && payload_format !== 'NONE') {
    throw invalid('payload_format must be JSON_API_V1 or NONE.', 'payload_format');
  }
  const eventTypes = (event_types ?? []) as EventType[];
  if (!Array.isArray(eventTypes) || !eventTypes.every((type) => EVENT_TYPES.has(type))) {
    throw invalid(`event_types takes ${[...EVENT_TYPES].join(', ')}.`, 'event_types');
  }
  await checkTopic(service, project, name);
  return {
    id: nextNotificationId(known),
    topic: name,
    project,
    payloadFormat: payload_format ?? 'JSON_API_V1',
    ...(eventTypes.length > 0 ? { eventTypes } : {}),
    ...(typeof object_name_prefix === 'string' ? { objectNamePrefix: object_name_prefix } : {}),
    ...(custom_attributes ? { customAttributes: custom_attributes as Record<string, string> } : {}),
  };
}

async function checkTopic({ topicExists }: Service, project: string, topic: string): Promise<void> {
  if (topicExists === undefined) {
    throw notImplemented('This server was started without Pub/Sub, so there is nothing to notify.');
  }
  if (await topicExists(topic)) return;
  throw new StorageError(404, 'notFound', `The topic projects/${project}/topics/${topic} does not exist.`);
}

const noSuchNotification = (bucket: string, id: string): StorageError =>
  new StorageError(404, 'notFound', `No notification ${id} on bucket ${bucket}.`);
