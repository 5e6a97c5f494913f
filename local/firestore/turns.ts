/** A client that holds a document longer lets the next one try: a client may be gone. Its commit is checked all the same. */
const LONGEST_TURN_MS = 1_000;

interface Queue {
  holder: string;
  timer: NodeJS.Timeout;
  readonly waiting: { owner: string; go(): void }[];
}

/**
 * One holder per name at a time, in the order of asking. A courtesy, no lock: what keeps transactions apart is the
 * check at their commit, and nobody waits for ever.
 */
export class Turns {
  readonly #queues = new Map<string, Queue>();

  /** Resolves when `name` is the owner's. */
  take(owner: string, name: string): Promise<void> {
    const queue = this.#queues.get(name);
    if (!queue) {
      this.#queues.set(name, { holder: owner, timer: this.#limit(name), waiting: [] });
      return Promise.resolve();
    }
    if (queue.holder === owner) return Promise.resolve();
    return new Promise((go) => queue.waiting.push({ owner, go }));
  }

  /** Ends all turns of the owner, and those it waits for. */
  release(owner: string): void {
    for (const [name, queue] of this.#queues) {
      for (const waiter of queue.waiting.filter((one) => one.owner === owner)) waiter.go();
      queue.waiting.splice(0, queue.waiting.length, ...queue.waiting.filter((one) => one.owner !== owner));
      if (queue.holder === owner) this.#next(name, queue);
    }
  }

  #next(name: string, queue: Queue): void {
    clearTimeout(queue.timer);
    const next = queue.waiting.shift();
    if (!next) {
      this.#queues.delete(name);
      return;
    }
    queue.holder = next.owner;
    queue.timer = this.#limit(name);
    next.go();
  }

  #limit(name: string): NodeJS.Timeout {
    const timer = setTimeout(() => {
      const queue = this.#queues.get(name);
      if (queue) this.#next(name, queue);
    }, LONGEST_TURN_MS);
    return timer.unref();
  }
}
