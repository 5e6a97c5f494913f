import type { ObjectRef } from '../events/object-ref.ts';

/** What is known of an object without reading it. */
export interface StoredObject {
  ref: ObjectRef;
  bytes: number;
  /** Base64; undefined for composed objects. */
  md5: string | undefined;
  contentType: string | undefined;
  metadata: Readonly<Record<string, string>>;
  createdAt: Date;
}

/** As the client gives it. */
interface ObjectMetadata {
  name?: string | undefined;
  generation?: string | number | undefined;
  size?: string | number | undefined;
  contentType?: string | undefined;
  md5Hash?: string | undefined;
  timeCreated?: string | undefined;
  metadata?: Record<string, unknown> | null | undefined;
}

export function toStored(bucket: string, metadata: ObjectMetadata): StoredObject {
  return {
    ref: { bucket, name: metadata.name ?? '', generation: String(metadata.generation ?? '0') },
    bytes: Number(metadata.size ?? 0),
    md5: metadata.md5Hash,
    contentType: metadata.contentType,
    metadata: Object.fromEntries(
      Object.entries(metadata.metadata ?? {}).flatMap(([key, value]) =>
        value == null ? [] : [[key, String(value)]],
      ),
    ),
    createdAt: new Date(metadata.timeCreated ?? 0),
  };
}
