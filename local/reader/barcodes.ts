import { Worker } from 'node:worker_threads';
import type { Sharp } from 'sharp';
import type { ReadCode } from './facts.ts';
import { open, openTurned, type Pixels } from './pixels.ts';
import { type Place, type Point, placeOf, type Size } from './place.ts';

/** A code with its turn in the picture, degrees. */
export interface TurnedCode extends ReadCode {
  degrees: number;
  place: Place;
}

/** The same as it was found. */
interface FoundCode extends ReadCode {
  degrees: number;
  corners: Point[];
}

export interface BarcodeJob {
  id: number;
  rgba: ArrayBuffer;
  width: number;
  height: number;
}

export type BarcodeReply = { id: number; codes: FoundCode[] } | { id: number; error: string };

const SECOND_LOOK_SIDE = 1600;

interface Waiting {
  resolve: (codes: FoundCode[]) => void;
  reject: (error: Error) => void;
}

/** Reads barcodes in one background thread, started with the first picture. */
export class BarcodeReader {
  #thread: Worker | undefined;
  #jobs = 0;
  readonly #waiting = new Map<number, Waiting>();

  /** The picture's codes, each once. Bars turned by 25 to 65 degrees are found by a second look at half a quarter turn. */
  async read(pixels: Pixels): Promise<TurnedCode[]> {
    const upright = await this.#look(open(pixels), pixels, 0);
    if (upright.length > 0) return upright;
    const { picture, size } = openTurned(pixels, 45, SECOND_LOOK_SIDE);
    return this.#look(picture, size, 45);
  }

  /** `size`: of the picture before it was turned by `degrees`. */
  async #look(picture: Sharp, { width, height }: Size, degrees: number): Promise<TurnedCode[]> {
    const { data, info } = await picture.ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    const rgba = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer;
    const codes = await this.#run({ rgba, width: info.width, height: info.height });
    return codes
      .filter((code, index) => codes.findIndex((other) => other.text === code.text) === index)
      .map(({ corners, ...code }) => ({
        ...code,
        degrees: code.degrees - degrees,
        place: placeOf(corners, { width, height, degrees, canvas: info }),
      }));
  }

  async close(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.terminate();
    this.#fail(new Error('The barcode reader was closed.'));
  }

  #run(job: Omit<BarcodeJob, 'id'>): Promise<FoundCode[]> {
    const thread = this.#start();
    this.#jobs += 1;
    const id = this.#jobs;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      thread.ref();
      thread.postMessage({ ...job, id } satisfies BarcodeJob, [job.rgba]);
    });
  }

  #start(): Worker {
    if (this.#thread) return this.#thread;
    const thread = new Worker(new URL('./barcode-thread.ts', import.meta.url));
    thread.on('message', (reply: BarcodeReply) => this.#settle(reply));
    thread.on('error', (error) => {
      this.#thread = undefined;
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    });
    this.#thread = thread;
    return thread;
  }

  #settle(reply: BarcodeReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    // An idle thread must not keep a finished process alive.
    if (this.#waiting.size === 0) this.#thread?.unref();
    if ('error' in reply) waiting?.reject(new Error(`The barcode decoder failed: ${reply.error}`));
    else waiting?.resolve(reply.codes);
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
