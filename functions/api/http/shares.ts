/** What callers hold of something that there is only so much of; none holds more than `perCaller`. */
export class Shares {
  readonly #perCaller: number;
  readonly #held = new Map<string, number>();

  constructor(perCaller: number) {
    this.#perCaller = perCaller;
  }

  hasRoomFor(caller: string): boolean {
    return (this.#held.get(caller) ?? 0) < this.#perCaller;
  }

  /** Returns the function that gives it back; calling that twice does no harm. */
  take(caller: string): () => void {
    this.#count(caller, 1);
    let isHeld = true;
    return () => {
      if (isHeld) this.#count(caller, -1);
      isHeld = false;
    };
  }

  #count(caller: string, by: number): void {
    const count = (this.#held.get(caller) ?? 0) + by;
    if (count === 0) this.#held.delete(caller);
    else this.#held.set(caller, count);
  }
}
