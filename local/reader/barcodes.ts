import { Worker } from 'node:worker_threads';
import type { Sharp } from 'sharp';
import type { ReadCode } from './facts.ts';
import { open, type Pixels } from './pixels.ts';

/** A code with its turn in the picture, degrees. */
export interface TurnedCode extends ReadCode {
  degrees: number;
}

export interface BarcodeJob {
  id: number;
  rgba: ArrayBuffer;
  width: number;
  height: number;
}

export type BarcodeReply = { id: number; codes: TurnedCode[] } | { id: number; error: string };

const SECOND_LOOK_SIDE = 1600;

interface Waiting {
  resolve: (codes: TurnedCode[]) => void;
  reject: (error: Error) => void;
}

/** Reads barcodes in one background thread, started with the first picture. */
export class BarcodeReader {
  #thread: Worker | undefined;
  #jobs = 0;
  readonly #waiting = new Map<number, Waiting>();

  /** The picture's codes, each once. Bars turned by 25 to 65 degrees are found by a second look at half a quarter turn. */
  async read(pixels: Pixels): Promise<TurnedCode[]> {
    const upright = await this.#look(open(pixels));
    if (upright.length > 0) return upright;
    const turned = open(pixels).resize(SECOND_LOOK_SIDE, SECOND_LOOK_SIDE, {
      fit: 'inside',
      withoutEnlargement: true,
    });
    const codes = await this.#look(turned.rotate(45, { background: '#ffffff' }));
    return codes.map((code) => ({ ...code, degrees: code.degrees - 45 }));
  }

  async #look(picture: Sharp): Promise<TurnedCode[]> {
    const { data, info } = await picture.ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    const rgba = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer;
    const codes = await this.#run({ rgba, width: info.width, height: info.height });
    return codes.filter((code, index) => codes.findIndex((other) => other.text === code.text) === index);
  }

  async close(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.terminate();
    this.#fail(new Error('The barcode reader was closed.'));
  }

  #run(job: Omit<BarcodeJob, 'id'>): Promise<TurnedCode[]> {
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
