/**
 * Lets only so many uploads move at the same time; the others wait with their bodies unread, so that the sender's own
 * network buffers hold them. An upload that moves costs about a megabyte, one that waits 64 KB at most.
 */
export class Gate {
  readonly #places: number;
  readonly #waiting = new Set<() => void>();
  #inside = 0;

  constructor(places: number) {
    this.#places = places;
  }

  /** Resolves, first come first served, with the function that leaves; rejects with the signal's reason. */
  enter(signal: AbortSignal): Promise<() => void> {
    if (this.#inside < this.#places) return Promise.resolve(this.#place());
    return new Promise((resolve, reject) => {
      const admit = () => {
        signal.removeEventListener('abort', giveUp);
        resolve(this.#place());
      };
      const giveUp = () => {
        this.#waiting.delete(admit);
        reject(signal.reason);
      };
      if (signal.aborted) return giveUp();
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.add(admit);
    });
  }

  #place(): () => void {
    this.#inside += 1;
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      this.#inside -= 1;
      const [next] = this.#waiting;
      if (!next) return;
      this.#waiting.delete(next);
      next();
    };
  }
}
