/** What a client may set on an object (the writable part of the JSON API's object resource). */
export interface ObjectFields {
  contentType?: string;
  contentEncoding?: string;
  contentDisposition?: string;
  contentLanguage?: string;
  cacheControl?: string;
  customTime?: string;
  storageClass?: string;
  /** Either hold keeps the object from being deleted or replaced. */
  temporaryHold?: boolean;
  eventBasedHold?: boolean;
  metadata?: Record<string, string>;
}
/** What is known of an object's bytes. `md5` is absent on composed objects, as in production. Hashes are base64. */
export interface Content {
  /** Name of the file under `contents/`; random, never the object's name. */
  contentId: string;
  /** In bytes. */
  size: number;
  crc32c: string;
  md5?: string;
}
/** One generation of one object, as the journal keeps it. */
export interface StoredObject extends Content {
  bucket: string;
  name: string;
  /** Microseconds since 1970, strictly growing over the whole server. */
  generation: number;
  metageneration: number;
  timeCreated: string;
  updated: string;
  /** Set when a newer generation or a delete archived it (buckets with versioning only). */
  timeDeleted?: string;
  /** Set while a deleted object can still be restored, until `hardDeleteTime`. */
  softDeleteTime?: string;
  hardDeleteTime?: string;
  componentCount?: number;
  fields: ObjectFields;
}
