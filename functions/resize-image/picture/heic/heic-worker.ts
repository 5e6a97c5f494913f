import { parentPort, workerData } from 'node:worker_threads';
import { decodeHeif, type HeifDecoded, HeifFailure } from './libheif.ts';

/** What the worker is given: the file and the most pixels it may decode. */
export interface HeicOrder {
  bytes: Uint8Array;
  maxPixels: number;
}

export type HeicAnswer = HeifDecoded | { kind: 'failed'; message: string; memory: boolean };

// One worker, one picture: WebAssembly memory only grows, and ending the worker is what gives it back.
const { bytes, maxPixels } = workerData as HeicOrder;
const answer = decode();
parentPort?.postMessage(answer, answer.kind === 'decoded' ? [answer.tiff] : []);

function decode(): HeicAnswer {
  try {
    return decodeHeif(bytes, maxPixels);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const memory = (error instanceof HeifFailure && error.memory) || /memory|OOM/i.test(message);
    return { kind: 'failed', message, memory };
  }
}
