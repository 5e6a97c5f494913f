import type { Contents, ContentWriter } from './contents.ts';
import { invalid, StorageError } from './errors.ts';
import type { ObjectStore } from './object-store.ts';
import type { Content, StoredObject } from './stored-object.ts';
import type { ExpectedHashes, UploadTarget } from './upload-target.ts';

/** Checks what was received against what was promised and makes it an object. @throws StorageError 400, 412 */
export async function commit(
  { store, contents }: { store: ObjectStore; contents: Contents },
  writer: ContentWriter,
  { bucket, name, fields, conditions, hashes, size }: UploadTarget,
): Promise<StoredObject> {
  const content = await contents.finish(writer);
  try {
    checkSize(content, size);
    checkHashes(content, hashes);
    return store.insert({ bucket, name, content, fields }, conditions);
  } catch (error) {
    await contents.remove(content.contentId);
    throw error;
  }
}

function checkSize(content: Content, size: number | undefined): void {
  if (size !== undefined && size !== content.size) {
    throw invalid(`Received ${content.size} bytes, but ${size} bytes were announced.`);
  }
}

function checkHashes(content: Content, expected: ExpectedHashes): void {
  if (expected.crc32c !== undefined && expected.crc32c !== content.crc32c) {
    throw badDigest('CRC32C', expected.crc32c, content.crc32c);
  }
  if (expected.md5 !== undefined && expected.md5 !== content.md5) {
    throw badDigest('MD5 hash', expected.md5, content.md5 ?? '');
  }
}

const badDigest = (kind: string, provided: string, calculated: string): StorageError =>
  new StorageError(
    400,
    'invalid',
    `Provided ${kind} "${provided}" doesn't match calculated ${kind} "${calculated}".`,
    {
      xmlCode: 'BadDigest',
    },
  );
