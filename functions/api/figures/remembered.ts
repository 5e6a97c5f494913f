/** Something costly to read, read at most once in a while however many ask. What cannot be read is not remembered. */
export class Remembered<T> {
  readonly #read: () => Promise<T>;
  readonly #keepMs: number;
  #value: Promise<T> | undefined;
  #readAt = 0;

  constructor(read: () => Promise<T>, keepMs: number) {
    this.#read = read;
    this.#keepMs = keepMs;
  }

  get(): Promise<T> {
    if (this.#value === undefined || Date.now() - this.#readAt >= this.#keepMs) {
      this.#readAt = Date.now();
      const reading = this.#read();
      this.#value = reading;
      reading.catch(() => {
        if (this.#value === reading) this.#value = undefined;
      });
    }
    return this.#value;
  }
}
