/** One version of one object in a bucket. `generation` is a growing integer, too large for a number: compare as BigInt. */
export interface ObjectRef {
  bucket: string;
  name: string;
  generation: string;
}

/** Negative when `a` is older than `b`, 0 when equal, positive when newer. */
export function compareGenerations(a: string, b: string): number {
  const difference = BigInt(a) - BigInt(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** `gs://bucket/name#generation`, the form gcloud prints and accepts. */
export const objectUrl = (ref: ObjectRef): string => `gs://${ref.bucket}/${ref.name}#${ref.generation}`;

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
