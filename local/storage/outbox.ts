import type { PendingMessage, Publish } from './notifications.ts';

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 30_000;
/** How long a shutdown waits for publications under way; the rest is published after the next start. */
const CLOSE_GRACE_MS = 1_000;

/**
 * Publishes journaled messages until each one succeeded: at least once, also over restarts, because a message leaves
 * the journal only after `publish` resolved.
 */
export class Outbox {
  readonly #publish: Publish;
  readonly #published: (messageId: string) => void;
  readonly #underWay = new Set<Promise<void>>();
  readonly #retries = new Set<NodeJS.Timeout>();
  #closed = false;

  constructor(publish: Publish, published: (messageId: string) => void) {
    this.#publish = publish;
    this.#published = published;
  }

  send(messages: Iterable<PendingMessage>): void {
    for (const message of messages) this.#attempt(message, FIRST_RETRY_MS);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const retry of this.#retries) clearTimeout(retry);
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_GRACE_MS);
    });
    await Promise.race([Promise.all(this.#underWay), grace]);
    clearTimeout(timer);
  }

  #attempt(message: PendingMessage, retryMs: number): void {
    const attempt = this.#publishOne(message)
      .then(() => this.#published(message.id))
      .catch(() => this.#retryLater(message, retryMs))
      .finally(() => this.#underWay.delete(attempt));
    this.#underWay.add(attempt);
  }

  // async, so that a publish function that throws at once is a failed attempt, too
  async #publishOne({ topic, attributes, data }: PendingMessage): Promise<void> {
    await this.#publish(topic, { data: Buffer.from(data), attributes });
  }

  #retryLater(message: PendingMessage, retryMs: number): void {
    if (this.#closed) return;
    const retry = setTimeout(() => {
      this.#retries.delete(retry);
      this.#attempt(message, Math.min(retryMs * 2, LONGEST_RETRY_MS));
    }, retryMs);
    retry.unref();
    this.#retries.add(retry);
  }
}
