/** Misfortunes on demand. All of them are within what at-least-once delivery allows. */
export interface Faults {
  /** Share (0..1) of deliveries made twice: half of these at the same time, half after the first was answered. */
  duplicates: number;
  /** Share (0..1) of answers that get lost: the endpoint did its work, the message is delivered again. */
  dropShare: number;
  /** Each push leaves this much later (shortest, longest). */
  delayMs: [number, number];
}

type Duplicate = 'none' | 'racing' | 'afterward';

export class FaultDice {
  readonly #random: () => number;
  #faults: Faults = { duplicates: 0, dropShare: 0, delayMs: [0, 0] };

  constructor(random: () => number) {
    this.#random = random;
  }

  set(faults: Partial<Faults>): void {
    this.#faults = { ...this.#faults, ...faults };
  }

  duplicate(): Duplicate {
    if (this.#random() >= this.#faults.duplicates) return 'none';
    return this.#random() < 0.5 ? 'racing' : 'afterward';
  }

  losesAnswer(): boolean {
    return this.#random() < this.#faults.dropShare;
  }

  delayMs(): number {
    const [shortest, longest] = this.#faults.delayMs;
    return longest <= 0 ? 0 : shortest + (longest - shortest) * this.#random();
  }
}
