interface PixelGateOptions {
  /** Pixels (weighed by their format, see `recipe.ts`) that may be decoded at the same time. */
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

  /**
   * Waits until the pixels fit; the returned function gives them back. For work that goes on after its caller has
   * given up: the decoder holds its memory until it really ends.
   * @throws the signal's reason when it is aborted while waiting.
   */
  async enter(pixels: number, signal: AbortSignal | undefined): Promise<() => void> {
    signal?.throwIfAborted();
    const held = Math.min(pixels, this.#max);
    const turn = Promise.withResolvers<void>();
    const waiter: Waiter = { pixels: held, enter: turn.resolve };
    const onAbort = () => this.#giveUp(waiter, turn.reject, signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#waiting.push(waiter);
    this.#admit();
    try {
      await turn.promise;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
    return () => this.#leave(held);
  }

  #giveUp(waiter: Waiter, reject: (reason: unknown) => void, reason: unknown): void {
    const at = this.#waiting.indexOf(waiter);
    if (at === -1) return;
    this.#waiting.splice(at, 1);
    reject(reason);
    this.#admit();
  }

  #leave(pixels: number): void {
    this.#inFlight -= pixels;
    this.#admit();
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
