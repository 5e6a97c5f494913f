interface Waiting<T> {
  readonly item: T;
  readonly dueAt: number;
  readonly order: number;
}

const before = <T>(a: Waiting<T>, b: Waiting<T>): boolean =>
  a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.order < b.order);

/** Items by the time they fall due, first come first served within a millisecond (a binary heap). */
export class DueQueue<T> {
  readonly #heap: Waiting<T>[] = [];
  #order = 0;

  /** Unix milliseconds of the next item, undefined when empty. */
  get nextAt(): number | undefined {
    return this.#heap[0]?.dueAt;
  }

  add(item: T, dueAt: number): void {
    const waiting = { item, dueAt, order: this.#order++ };
    let index = this.#heap.push(waiting) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = this.#heap[parent];
      if (above === undefined || before(above, waiting)) break;
      this.#heap[index] = above;
      index = parent;
    }
    this.#heap[index] = waiting;
  }

  takeDue(now: number): T | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.dueAt > now) return undefined;
    const last = this.#heap.pop();
    if (last !== undefined && last !== first) this.#sink(last);
    return first.item;
  }

  #sink(waiting: Waiting<T>): void {
    let index = 0;
    for (;;) {
      const left = this.#heap[2 * index + 1];
      const right = this.#heap[2 * index + 2];
      if (left === undefined) break;
      const goRight = right !== undefined && before(right, left);
      const smaller = goRight ? right : left;
      if (before(waiting, smaller)) break;
      this.#heap[index] = smaller;
      index = 2 * index + (goRight ? 2 : 1);
    }
    this.#heap[index] = waiting;
  }
}
