import type { Readable } from 'node:stream';
import { PipelineError } from '../errors/pipeline-error.ts';
import { type ObjectRef, objectUrl } from '../events/object-ref.ts';

/** Reads a stream to its end into one buffer; destroys it when aborted or when it holds more than allowed. */
export function collect(
  stream: Readable,
  ref: ObjectRef,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onAbort = () => stop(signal.reason);
    const stop = (reason: unknown) => {
      signal.removeEventListener('abort', onAbort);
      reject(reason);
      stream.destroy();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) {
        stop(new PipelineError('TOO_MANY_BYTES', `${objectUrl(ref)} has more than ${maxBytes} bytes.`));
        return;
      }
      chunks.push(chunk);
    });
    stream.on('error', stop);
    stream.on('end', () => {
      signal.removeEventListener('abort', onAbort);
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size));
    });
  });
}
