import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { OpenFile } from './images.ts';

/** Cloud Storage as batch jobs of Vertex AI read and write it. */
export interface StoredObjects {
  read(uri: string): Promise<Readable>;
  write(uri: string, content: Readable): Promise<void>;
}

function placeOf(uri: string): { bucket: string; name: string } {
  const [, bucket = '', name = ''] = /^gs:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  return { bucket, name };
}

const mediaUrl = (storageUrl: string, uri: string): string => {
  const { bucket, name } = placeOf(uri);
  return `${storageUrl}/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}?alt=media`;
};

/** Brings pictures named `gs://bucket/name` from a Cloud Storage server, as Vertex AI does. */
export const openStoredFiles =
  (storageUrl: string): OpenFile =>
  async (uri, signal) => {
    const response = await fetch(mediaUrl(storageUrl, uri), { signal });
    if (!response.ok) throw new Error(`${uri} answered ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  };

export const openStoredObjects = (storageUrl: string): StoredObjects => ({
  read: async (uri) => {
    const response = await fetch(mediaUrl(storageUrl, uri));
    if (!response.ok || !response.body) throw new Error(`${uri} answered ${response.status}`);
    return Readable.fromWeb(response.body as ReadableStream);
  },
  write: async (uri, content) => {
    const { bucket, name } = placeOf(uri);
    const address = `${storageUrl}/upload/storage/v1/b/${bucket}/o?uploadType=media&name=${encodeURIComponent(name)}`;
    const response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/jsonl' },
      body: Readable.toWeb(content) as unknown as NonNullable<RequestInit['body']>,
      duplex: 'half',
    } as RequestInit);
    if (!response.ok) throw new Error(`${uri} answered ${response.status}`);
  },
});
