import { z } from 'zod';
import type { ObjectRef } from '../storage/object.ts';

/** What happened to an object, whichever way the news came. */
export interface ObjectEvent {
  kind: 'finalized' | 'deleted' | 'other';
  ref: ObjectRef;
  /** Declared size in bytes; undefined when the event does not say. */
  bytes: number | undefined;
  contentType: string | undefined;
  md5: string | undefined;
  /** Custom metadata of the object, as the uploader set it. */
  metadata: Readonly<Record<string, string>>;
  /** When this generation was created, epoch milliseconds. */
  createdAt: number | undefined;
  /** For a delete: whether a newer version took the object's place. */
  overwritten: boolean;
  /** How often Pub/Sub has delivered this message; undefined when it does not say. */
  deliveryAttempt: number | undefined;
}

/** The request is not an event that any source of ours sends. */
export class InvalidEvent extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'InvalidEvent';
  }
}

/** The parts that we read of a Cloud Storage object resource (https://cloud.google.com/storage/docs/json_api/v1/objects). */
const objectResource = z.object({
  bucket: z.string().min(1),
  name: z.string().min(1),
  generation: z.coerce.string().regex(/^\d+$/),
  size: z.coerce.number().int().nonnegative().optional(),
  contentType: z.string().optional(),
  md5Hash: z.string().optional(),
  timeCreated: z.string().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
});

const pushEnvelope = z.object({
  message: z.object({
    data: z.string().default(''),
    attributes: z.record(z.string(), z.string()).default({}),
  }),
  subscription: z.string().optional(),
  deliveryAttempt: z.number().optional(),
});

const KINDS: Readonly<Record<string, ObjectEvent['kind']>> = {
  OBJECT_FINALIZE: 'finalized',
  OBJECT_DELETE: 'deleted',
  // What a deletion is in a bucket with versioning; OBJECT_DELETE follows when the old version goes for good.
  OBJECT_ARCHIVE: 'deleted',
  'google.cloud.storage.object.v1.finalized': 'finalized',
  'google.cloud.storage.object.v1.deleted': 'deleted',
  'google.cloud.storage.object.v1.archived': 'deleted',
};

interface Carrier {
  type: string;
  resource: unknown;
  overwritten: boolean;
  deliveryAttempt: number | undefined;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Reads one event from an HTTP request: a Pub/Sub push of a Cloud Storage notification, or a CloudEvent of
 * Eventarc in binary or structured mode. Throws InvalidEvent for anything else.
 */
export function parseObjectEvent(headers: Headers, body: unknown): ObjectEvent {
  const carrier = fromCloudEvent(headers, body) ?? fromPush(body);
  const parsed = objectResource.safeParse(carrier.resource);
  if (!parsed.success) {
    throw new InvalidEvent(
      `the event's object lacks ${parsed.error.issues.map((issue) => issue.path.join('.')).join(', ')}`,
    );
  }
  const { bucket, name, generation, size, contentType, md5Hash, timeCreated, metadata } = parsed.data;
  const createdAt = timeCreated === undefined ? Number.NaN : Date.parse(timeCreated);
  return {
    kind: KINDS[carrier.type] ?? 'other',
    ref: { bucket, name, generation },
    bytes: size,
    contentType,
    md5: md5Hash,
    metadata: metadata ?? {},
    createdAt: Number.isNaN(createdAt) ? undefined : createdAt,
    overwritten: carrier.overwritten,
    deliveryAttempt: carrier.deliveryAttempt,
  };
}

function fromCloudEvent(headers: Headers, body: unknown): Carrier | undefined {
  const binaryType = headers['ce-type'];
  if (typeof binaryType === 'string') {
    return { type: binaryType, resource: body, overwritten: false, deliveryAttempt: undefined };
  }
  const structured = z
    .object({ specversion: z.string(), type: z.string(), data: z.unknown() })
    .safeParse(body);
  if (!structured.success) return undefined;
  return {
    type: structured.data.type,
    resource: structured.data.data,
    overwritten: false,
    deliveryAttempt: undefined,
  };
}

function fromPush(body: unknown): Carrier {
  const parsed = pushEnvelope.safeParse(body);
  if (!parsed.success) throw new InvalidEvent('the request is neither a Pub/Sub push nor a CloudEvent');
  const { attributes, data } = parsed.data.message;
  const type = attributes['eventType'];
  if (type === undefined)
    throw new InvalidEvent('the message has no attribute eventType: not a Cloud Storage notification');
  return {
    type,
    // With payloadFormat NONE the message has no data; the attributes still name the object.
    resource: {
      bucket: attributes['bucketId'],
      name: attributes['objectId'],
      generation: attributes['objectGeneration'],
      ...decodeJson(data),
    },
    overwritten: attributes['overwrittenByGeneration'] !== undefined,
    deliveryAttempt: parsed.data.deliveryAttempt,
  };
}

function decodeJson(data: string): Record<string, unknown> {
  if (data === '') return {};
  try {
    const value: unknown = JSON.parse(Buffer.from(data, 'base64').toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    throw new InvalidEvent("the message's data is not JSON", { cause: error });
  }
  throw new InvalidEvent("the message's data is not a JSON object");
}
