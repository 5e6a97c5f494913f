import { parentPort, workerData } from 'node:worker_threads';
import { decodeHeif, type HeifDecoded, HeifFailure } from './libheif.ts';

/** What the worker is given: the file and the most pixels it may decode. */
export interface HeicOrder {
  bytes: Uint8Array;
  maxPixels: number;
}

export type HeicAnswer = HeifDecoded | { kind: 'failed'; message: string; memory: boolean };

/** What V8 and Emscripten say; a "memory access out of bounds" is the fault of a damaged picture. */
const OUT_OF_MEMORY = /out of memory|OOM|allocat|enlarge memory/i;

// One worker, one picture: WebAssembly memory only grows, and ending the worker is what gives it back.
const { bytes, maxPixels } = workerData as HeicOrder;
const answer = decode();
parentPort?.postMessage(answer, answer.kind === 'decoded' ? [answer.tiff] : []);

function decode(): HeicAnswer {
  try {
    return decodeHeif(bytes, maxPixels);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const memory = error instanceof HeifFailure ? error.reason === 'memory' : OUT_OF_MEMORY.test(message);
    return { kind: 'failed', message, memory };
  }
}
