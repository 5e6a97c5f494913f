/** Commit times in microseconds since 1970: strictly increasing, whatever the machine's clock does. */
export class CommitClock {
  readonly #nowMs: () => number;
  #last = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** The time of a commit: later than every earlier commit and read. */
  next(): number {
    this.#last = Math.max(Math.floor(this.#nowMs() * 1000), this.#last + 1);
    return this.#last;
  }

  /** The time of a read: not earlier than any commit it could have seen, and earlier than the next one. */
  read(): number {
    this.#last = Math.max(Math.floor(this.#nowMs() * 1000), this.#last);
    return this.#last;
  }

  /** Never go back behind a time found in the journal. */
  advanceTo(micros: number): void {
    this.#last = Math.max(this.#last, micros);
  }
}
