import type { Message } from '../pubsub.ts';
import type { ObjectRef } from '../storage/object.ts';

/** What a notification tells of an object, apart from where it is. */
interface ObjectFacts {
  bytes?: number | undefined;
  contentType?: string | undefined;
  md5?: string | undefined;
  metadata?: Readonly<Record<string, string>> | undefined;
  createdAt?: Date | undefined;
}

/**
 * The message that Cloud Storage sends when an object has been written
 * (https://cloud.google.com/storage/docs/pubsub-notifications#format), for sending it again.
 */
export function finalizedNotification(ref: ObjectRef, facts: ObjectFacts): Message {
  const resource = {
    kind: 'storage#object',
    bucket: ref.bucket,
    name: ref.name,
    generation: ref.generation,
    size: facts.bytes === undefined ? undefined : String(facts.bytes),
    contentType: facts.contentType,
    md5Hash: facts.md5,
    timeCreated: facts.createdAt?.toISOString(),
    metadata: facts.metadata,
  };
  return {
    data: Buffer.from(JSON.stringify(resource)),
    attributes: {
      eventType: 'OBJECT_FINALIZE',
      payloadFormat: 'JSON_API_V1',
      bucketId: ref.bucket,
      objectId: ref.name,
      objectGeneration: ref.generation,
    },
  };
}

/** The message that Cloud Storage sends when an object is gone. */
export const deletedNotification = ({ bucket, name, generation }: ObjectRef): Message => ({
  data: Buffer.from(JSON.stringify({ kind: 'storage#object', bucket, name, generation })),
  attributes: {
    eventType: 'OBJECT_DELETE',
    payloadFormat: 'JSON_API_V1',
    bucketId: bucket,
    objectId: name,
    objectGeneration: generation,
  },
});
