import { randomUUID } from 'node:crypto';
import { type EventType, type Notification, objectResource } from './resource.ts';
import type { StoredObject } from './stored-object.ts';

/** A notification that the server is started with. */
export interface ConfiguredNotification {
  bucket: string;
  topic: string;
  eventTypes?: EventType[];
  objectNamePrefix?: string;
}

/** Something that happened to one generation of an object; `otherGeneration` is the one it replaced or was replaced by. */
export interface ObjectEvent {
  type: EventType;
  object: StoredObject;
  otherGeneration?: number;
}

/** A message that is journaled with the change it tells of, until its publication succeeded. */
export interface PendingMessage {
  id: string;
  topic: string;
  attributes: Record<string, string>;
  /** UTF-8 JSON: the object resource. */
  data: string;
}

export type Publish = (
  topic: string,
  message: { data: Buffer; attributes: Record<string, string> },
) => Promise<void>;

/** The bucket's notifications at a start: the configured ones in their order, then those that clients made. */
export function notificationsAtStart(
  bucket: string,
  known: readonly Notification[],
  configured: readonly ConfiguredNotification[],
  project: string,
): Notification[] {
  const own = configured.filter((one) => one.bucket === bucket);
  const made = known.filter((one) => !one.configured);
  const taken = new Set(made.map(({ id }) => id));
  const free = Array.from({ length: own.length + made.length }, (_, index) => String(index + 1)).filter(
    (id) => !taken.has(id),
  );
  const fresh = own.map(
    ({ bucket: _, ...rest }, index): Notification => ({
      ...rest,
      id: free[index] ?? randomUUID(),
      project,
      payloadFormat: 'JSON_API_V1',
      configured: true,
    }),
  );
  return [...fresh, ...made];
}

export const nextNotificationId = (known: readonly Notification[]): string =>
  String(Math.max(0, ...known.map(({ id }) => Number(id))) + 1);

/** The Pub/Sub messages of an event; attributes as in https://cloud.google.com/storage/docs/pubsub-notifications */
export function messagesFor(
  event: ObjectEvent,
  notifications: readonly Notification[],
  baseUrl: string,
): PendingMessage[] {
  const { object } = event;
  return notifications
    .filter((notification) => wants(notification, event))
    .map((notification) => ({
      id: randomUUID(),
      topic: notification.topic,
      attributes: {
        ...notification.customAttributes,
        notificationConfig: `projects/_/buckets/${object.bucket}/notificationConfigs/${notification.id}`,
        eventType: event.type,
        payloadFormat: notification.payloadFormat,
        bucketId: object.bucket,
        objectId: object.name,
        objectGeneration: String(object.generation),
        eventTime: new Date().toISOString(),
        ...generationAttribute(event),
      },
      data: notification.payloadFormat === 'NONE' ? '' : JSON.stringify(objectResource(object, baseUrl)),
    }));
}

function wants({ eventTypes, objectNamePrefix }: Notification, { type, object }: ObjectEvent): boolean {
  return (
    (eventTypes === undefined || eventTypes.length === 0 || eventTypes.includes(type)) &&
    object.name.startsWith(objectNamePrefix ?? '')
  );
}

function generationAttribute({ type, otherGeneration }: ObjectEvent): Record<string, string> {
  if (otherGeneration === undefined) return {};
  const key = type === 'OBJECT_FINALIZE' ? 'overwroteGeneration' : 'overwrittenByGeneration';
  return { [key]: String(otherGeneration) };
}

/**
 * Google's project ids have 6 to 30 characters, and Python's client reads no topic of a shorter one. Pub/Sub on this
 * machine answers under any project, so the longer name leads to the same topic.
 */
const readableProject = (project: string): string => (project.length < 6 ? `${project}-project` : project);

/** The `storage#notification` JSON. */
export function notificationResource(
  bucket: string,
  notification: Notification,
  baseUrl: string,
): Record<string, unknown> {
  const { id, topic, project, eventTypes, objectNamePrefix, customAttributes, payloadFormat } = notification;
  return {
    kind: 'storage#notification',
    id,
    selfLink: `${baseUrl}/storage/v1/b/${bucket}/notificationConfigs/${id}`,
    topic: `//pubsub.googleapis.com/projects/${readableProject(project)}/topics/${topic}`,
    payload_format: payloadFormat,
    etag: id,
    ...(eventTypes ? { event_types: eventTypes } : {}),
    ...(objectNamePrefix ? { object_name_prefix: objectNamePrefix } : {}),
    ...(customAttributes ? { custom_attributes: customAttributes } : {}),
  };
}
