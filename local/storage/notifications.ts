import { randomUUID } from 'node:crypto';
import { objectResource, type StoredObject } from './resource.ts';

export type EventType = 'OBJECT_FINALIZE' | 'OBJECT_DELETE' | 'OBJECT_ARCHIVE' | 'OBJECT_METADATA_UPDATE';

/** Which events of a bucket go to which topic. Without `eventTypes`: all four. */
export interface Notification {
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
        notificationConfig: notificationName(notifications, notification),
        eventType: event.type,
        payloadFormat: 'JSON_API_V1',
        bucketId: object.bucket,
        objectId: object.name,
        objectGeneration: String(object.generation),
        eventTime: new Date().toISOString(),
        ...generationAttribute(event),
      },
      data: JSON.stringify(objectResource(object, baseUrl)),
    }));
}

function wants(
  { bucket, eventTypes, objectNamePrefix }: Notification,
  { type, object }: ObjectEvent,
): boolean {
  return (
    bucket === object.bucket &&
    (eventTypes === undefined || eventTypes.includes(type)) &&
    object.name.startsWith(objectNamePrefix ?? '')
  );
}

function generationAttribute({ type, otherGeneration }: ObjectEvent): Record<string, string> {
  if (otherGeneration === undefined) return {};
  const key = type === 'OBJECT_FINALIZE' ? 'overwroteGeneration' : 'overwrittenByGeneration';
  return { [key]: String(otherGeneration) };
}

function notificationName(all: readonly Notification[], one: Notification): string {
  return `projects/_/buckets/${one.bucket}/notificationConfigs/${all.indexOf(one) + 1}`;
}

/** The `storage#notifications` JSON of one bucket. */
export function notificationList(all: readonly Notification[], bucket: string): Record<string, unknown> {
  const items = all
    .filter((notification) => notification.bucket === bucket)
    .map((notification) => ({
      kind: 'storage#notification',
      id: String(all.indexOf(notification) + 1),
      topic: `//pubsub.googleapis.com/${notification.topic}`,
      payload_format: 'JSON_API_V1',
      ...(notification.eventTypes ? { event_types: notification.eventTypes } : {}),
      ...(notification.objectNamePrefix ? { object_name_prefix: notification.objectNamePrefix } : {}),
    }));
  return { kind: 'storage#notifications', items };
}
