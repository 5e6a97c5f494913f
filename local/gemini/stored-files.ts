import type { OpenFile } from './images.ts';

/** Brings pictures named `gs://bucket/name` from a Cloud Storage server, as Vertex AI does. */
export const openStoredFiles =
  (storageUrl: string): OpenFile =>
  async (uri, signal) => {
    const [, bucket = '', name = ''] = /^gs:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
    const address = `${storageUrl}/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}?alt=media`;
    const response = await fetch(address, { signal });
    if (!response.ok) throw new Error(`${uri} answered ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  };
