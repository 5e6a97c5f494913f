import { Shares } from '../http/shares.ts';

interface PlaceOptions {
  /** Uploads that move at the same time. */
  places: number;
  /** Of one caller, so that nobody holds them all. */
  placesPerCaller: number;
}

interface Waiting {
  caller: string;
  admit: () => void;
}

/** Further files of forms that move at the same time, of all forms together. */
const SPARE_PLACES = 4;

/**
 * Bounds the uploads that move at the same time; the others wait with their bodies unread, so that the sender's own
 * network buffers hold them. An upload that moves costs about a megabyte, one that waits 64 KB at most.
 */
export class Gate {
  readonly #options: PlaceOptions;
  readonly #waiting = new Set<Waiting>();
  readonly #shares: Shares;
  #inside = 0;
  #spare = 0;

  constructor(options: PlaceOptions) {
    this.#options = options;
    this.#shares = new Shares(options.placesPerCaller);
  }

  /** Resolves, first come first served, with the function that leaves; rejects with the signal's reason. */
  enter(caller: string, signal: AbortSignal): Promise<() => void> {
    if (this.#hasRoomFor(caller)) return Promise.resolve(this.#place(caller));
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        caller,
        admit: () => {
          this.#waiting.delete(waiting);
          signal.removeEventListener('abort', giveUp);
          resolve(this.#place(caller));
        },
      };
      const giveUp = () => {
        this.#waiting.delete(waiting);
        reject(signal.reason);
      };
      if (signal.aborted) return giveUp();
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.add(waiting);
    });
  }

  /** A place beside the one that a form has, if there is one now. */
  spare(): (() => void) | undefined {
    if (this.#spare >= SPARE_PLACES || this.#inside + this.#spare >= this.#options.places) return undefined;
    this.#spare += 1;
    return () => {
      this.#spare -= 1;
    };
  }

  #hasRoomFor(caller: string): boolean {
    return this.#inside < this.#options.places && this.#shares.hasRoomFor(caller);
  }

  #place(caller: string): () => void {
    this.#inside += 1;
    const giveBack = this.#shares.take(caller);
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      this.#inside -= 1;
      giveBack();
      for (const waiting of this.#waiting) {
        if (!this.#hasRoomFor(waiting.caller)) continue;
        waiting.admit();
        return;
      }
    };
  }
}
