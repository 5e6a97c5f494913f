import type { Preconditions } from './preconditions.ts';
import type { ObjectFields } from './stored-object.ts';

/** Everything about an upload but its bytes. Plain JSON: a resumable upload keeps it on disk. */
export interface UploadTarget {
  bucket: string;
  name: string;
  fields: ObjectFields;
  conditions: Preconditions;
  hashes: ExpectedHashes;
  /** Declared size in bytes. */
  size?: number;
}
/** Base64, as clients send them; what is absent is not checked. */
export interface ExpectedHashes {
  md5?: string;
  crc32c?: string;
}
