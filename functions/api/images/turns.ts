import type { Gate } from './gate.ts';

/**
 * The files of one form take turns: one at a time in the place that the form has of its own, more while the instance has
 * places to spare. So a form of a hundred files costs about what a form of one does.
 */
export class Turns {
  readonly #gate: Pick<Gate, 'spare'>;
  readonly #waiting: (() => void)[] = [];
  #isOwnPlaceFree = true;

  constructor(gate: Pick<Gate, 'spare'>) {
    this.#gate = gate;
  }

  /** Does `work` when it has a place; first come, first served. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    const leave = await this.#enter();
    try {
      return await work();
    } finally {
      leave();
    }
  }

  async #enter(): Promise<() => void> {
    for (;;) {
      const leave = this.#ownPlace() ?? this.#gate.spare();
      if (leave) {
        return () => {
          leave();
          this.#waiting.shift()?.();
        };
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #ownPlace(): (() => void) | undefined {
    if (!this.#isOwnPlaceFree) return undefined;
    this.#isOwnPlaceFree = false;
    return () => {
      this.#isOwnPlaceFree = true;
    };
  }
}
