import type { IncomingMessage } from 'node:http';
import { StorageError } from '../storage/errors.ts';
import { readRelated } from '../storage/multipart.ts';
import { invalidArgument } from './errors.ts';

/** The two parts of a `multipart/related` upload; Google's upload protocol is the same for files as for objects. @throws GeminiError 400 */
export async function readUploadParts(request: IncomingMessage) {
  try {
    const { metadata, mediaType, media } = await readRelated(
      request[Symbol.asyncIterator]() as AsyncIterator<Buffer>,
      request.headers['content-type'],
    );
    return { metadata: JSON.parse(metadata || '{}') as unknown, mediaType, media };
  } catch (error) {
    if (error instanceof StorageError || error instanceof SyntaxError) throw invalidArgument(error.message);
    throw error;
  }
}
