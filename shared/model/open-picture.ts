import type { Buckets } from '../cloud/storage/buckets.ts';
import type { ObjectRef } from '../cloud/storage/object.ts';
import { MAX_PREPARED_BYTES } from '../results/id.ts';
import type { ModelRequest } from './request.ts';

/** Makes a prepared picture ready to be asked about. */
export type OpenPicture = (ref: ObjectRef, signal: AbortSignal) => Promise<ModelRequest['image']>;

const MIME_TYPE = 'image/jpeg';

type Readable = Pick<Buckets, 'read'>;

async function readBase64(buckets: Readable, ref: ObjectRef, signal: AbortSignal): Promise<string> {
  const bytes = await buckets.read(ref, { maxBytes: MAX_PREPARED_BYTES, signal });
  return bytes.toString('base64');
}

/** Reads it at once, so that a slow download takes no time from the model. */
export const readPicture =
  (buckets: Readable): OpenPicture =>
  async (ref, signal) => ({ mimeType: MIME_TYPE, base64: await readBase64(buckets, ref, signal) });

/** Names it only: its bytes are read on first use, once. */
export const namePicture =
  (buckets: Readable & Pick<Buckets, 'find'>): OpenPicture =>
  async (ref) => {
    let reading: Promise<string> | undefined;
    return {
      mimeType: MIME_TYPE,
      uri: `gs://${ref.bucket}/${ref.name}`,
      read: (signal) => {
        // A reading that failed or was given up is started over by the next one.
        reading ??= readBase64(buckets, ref, signal).catch((error: unknown) => {
          reading = undefined;
          throw error;
        });
        return reading;
      },
      exists: async () => (await buckets.find(ref)) !== undefined,
    };
  };
