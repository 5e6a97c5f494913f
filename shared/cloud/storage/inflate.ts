import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { PipelineError } from '../../base/errors/pipeline-error.ts';
import { type ObjectRef, objectUrl } from './object.ts';

/**
 * A file may become this many times larger: text of a drawing shrinks to a twentieth, an empty scan to a hundredth;
 * gzip alone could reach a thousand.
 */
const MAX_RATIO = 200;

/** Below this size the ratio says nothing. Bytes. */
const SMALL_BYTES = 1_000_000;

const inflateAll = promisify(gunzip);

/**
 * What was stored with `Content-Encoding: gzip` (`gcloud storage cp -Z`, the clients' `gzip: true`), as its
 * writer meant it. Some writers say so of bytes that they never compressed: those stay as they are.
 *
 * @throws PipelineError TOO_MANY_BYTES for more than `maxBytes` or MAX_RATIO times the stored size, before that much is
 *   in memory; CORRUPT_IMAGE for a stream that is cut off or damaged
 */
export async function inflateStored(stored: Buffer, ref: ObjectRef, maxBytes: number): Promise<Buffer> {
  if (stored[0] !== 0x1f || stored[1] !== 0x8b) return stored;
  const bound = Math.min(maxBytes, Math.max(SMALL_BYTES, stored.length * MAX_RATIO));
  try {
    return await inflateAll(stored, { maxOutputLength: bound });
  } catch (error) {
    const isTooLarge = (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
    throw isTooLarge
      ? new PipelineError(
          'TOO_MANY_BYTES',
          bound === maxBytes
            ? `${objectUrl(ref)} has more than ${maxBytes} bytes once its gzip encoding is undone.`
            : `The gzip encoding of ${objectUrl(ref)} makes it more than ${MAX_RATIO} times larger than the ${stored.length} bytes that are stored.`,
          { cause: error },
        )
      : new PipelineError(
          'CORRUPT_IMAGE',
          `${objectUrl(ref)} is stored with gzip encoding, which is cut off or damaged.`,
          { cause: error },
        );
  }
}
