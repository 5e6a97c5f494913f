/** More questions than this are not kept apart for long. */
const MAX_KEYS = 40;

interface Reading<T> {
  value: Promise<T>;
  /** Epoch milliseconds. */
  at: number;
}

/**
 * Answers that are costly to read, by question, each read at most once in a while however many ask. What cannot be read
 * is not remembered.
 */
export class Remembered<T> {
  readonly #keepMs: number;
  readonly #readings = new Map<string, Reading<T>>();

  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  get(key: string, read: () => Promise<T>): Promise<T> {
    const known = this.#readings.get(key);
    if (known && Date.now() - known.at < this.#keepMs) return known.value;
    if (!known && this.#readings.size >= MAX_KEYS) this.#readings.clear();
    const reading = { value: read(), at: Date.now() };
    this.#readings.set(key, reading);
    reading.value.catch(() => {
      if (this.#readings.get(key) === reading) this.#readings.delete(key);
    });
    return reading.value;
  }
}
