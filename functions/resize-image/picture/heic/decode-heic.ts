import { Worker } from 'node:worker_threads';
import { corrupt, tooManyPixels } from '../decode-failure.ts';
import { besides } from '../module-file.ts';
import type { HeicAnswer, HeicOrder } from './heic-worker.ts';

/**
 * Decodes a HEIC picture to an uncompressed, upright TIFF. WebAssembly computes for about 45 ms per megapixel: in a
 * thread of its own it blocks no other picture, and it can be stopped. The decoder is loaded there, when it is needed.
 * @throws CORRUPT_IMAGE, TOO_MANY_PIXELS or the signal's reason.
 */
export async function decodeHeic(bytes: Buffer, maxPixels: number, signal: AbortSignal): Promise<Buffer> {
  signal.throwIfAborted();
  const order: HeicOrder = { bytes, maxPixels };
  const worker = new Worker(besides(import.meta.url, 'heic-worker'), {
    workerData: order,
    env: {},
    execArgv: [],
  });
  const onAbort = () => void worker.terminate();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const answer = await answerOf(worker);
    if (answer.kind === 'too-many-pixels') throw tooManyPixels(answer.width, answer.height, maxPixels);
    if (answer.kind === 'decoded') return Buffer.from(answer.tiff);
    const cause = new Error(`libheif: ${answer.message}`);
    throw answer.memory ? cause : corrupt('heic', cause);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    await worker.terminate();
  }
}

const answerOf = (worker: Worker): Promise<HeicAnswer> =>
  new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the HEIC decoder ended with code ${code}`)));
  });
