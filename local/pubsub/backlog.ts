import type { StoredMessage } from './message.ts';

/** A message one subscription still owes to its subscriber. */
export interface Unacked {
  readonly message: StoredMessage;
  /** Deliveries begun so far. */
  attempts: number;
}

/** What one subscription has not had acknowledged, in the order of publishing. */
export class Backlog {
  readonly #unacked = new Map<string, Unacked>();

  get size(): number {
    return this.#unacked.size;
  }

  add(unacked: Unacked): Unacked {
    this.#unacked.set(unacked.message.id, unacked);
    return unacked;
  }

  get(id: string): Unacked | undefined {
    return this.#unacked.get(id);
  }

  /** False when it was gone already. */
  remove(id: string): boolean {
    return this.#unacked.delete(id);
  }

  [Symbol.iterator](): IterableIterator<Unacked> {
    return this.#unacked.values();
  }

  /** Age of the oldest message in milliseconds, 0 when there is none. */
  oldestMs(now: number): number {
    const first = this.#unacked.values().next();
    return first.done ? 0 : Math.max(0, now - first.value.message.publishedAt);
  }
}
