import type { Readable } from 'node:stream';
import { crc32c } from '@node-rs/crc32';
import { PipelineError } from '../../base/errors/pipeline-error.ts';
import { type ObjectRef, objectUrl } from './object.ts';

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

/**
 * CRC32C by the processor's own instruction, in the shape the storage client takes. Its JavaScript version costs
 * 26 CPU ms per 4 MB, this one half a millisecond.
 */
export class NativeCrc32c {
  #value = 0;

  update(data: Buffer): void {
    this.#value = crc32c(data, this.#value);
  }

  /** Base64 of the big-endian value, as Cloud Storage writes it. */
  toString(): string {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(this.#value);
    return bytes.toString('base64');
  }

  validate(expected: string): boolean {
    return this.toString() === expected;
  }
}

/** As Cloud Storage writes it. */
export function crc32cOf(bytes: Buffer): string {
  const crc = new NativeCrc32c();
  crc.update(bytes);
  return crc.toString();
}
