export interface PixelGateOptions {
  /** Pixels (weighed, see `inspect.ts`) that may be decoded at the same time. */
  maxPixelsInFlight: number;
}

interface Waiter {
  pixels: number;
  enter: () => void;
}

/**
 * Bounds memory by the pixels being decoded, not by the number of pictures: ten thumbnails and one panorama cost alike.
 * First come, first served: a big picture at the head holds back the small ones behind it, else it would starve.
 * A picture larger than the whole gate runs alone.
 */
export class PixelGate {
  readonly #max: number;
  readonly #waiting: Waiter[] = [];
  #inFlight = 0;

  constructor({ maxPixelsInFlight }: PixelGateOptions) {
    this.#max = maxPixelsInFlight;
  }

  /** Pixels being worked on now. */
  get pixelsInFlight(): number {
    return this.#inFlight;
  }

  /**
   * Runs `work` when its pixels fit. An abort while waiting rejects with the signal's reason; once running, the
   * pixels are given back when `work` settles, not when its caller gives up: the decoder still holds its memory.
   */
  async run<T>(pixels: number, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const held = Math.min(pixels, this.#max);
    await this.#enter(held, signal);
    try {
      return await work();
    } finally {
      this.#inFlight -= held;
      this.#admit();
    }
  }

  async #enter(pixels: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const turn = Promise.withResolvers<void>();
    const waiter: Waiter = { pixels, enter: turn.resolve };
    const onAbort = () => {
      const at = this.#waiting.indexOf(waiter);
      if (at === -1) return;
      this.#waiting.splice(at, 1);
      turn.reject(signal?.reason);
      this.#admit();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#waiting.push(waiter);
    this.#admit();
    try {
      await turn.promise;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next && this.#fits(next); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#inFlight += next.pixels;
      next.enter();
    }
  }

  #fits({ pixels }: Waiter): boolean {
    return this.#inFlight === 0 || this.#inFlight + pixels <= this.#max;
  }
}
