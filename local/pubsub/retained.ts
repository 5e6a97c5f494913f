import type { StoredMessage } from './message.ts';
import type { PullSettings } from './subscription.ts';

/** What a subscription has had acknowledged, for as long as a seek may bring it back. In memory only. */
export class Retained {
  readonly #settings: PullSettings;
  readonly #messages = new Map<string, StoredMessage>();
  /** How many snapshots count on it. */
  snapshots = 0;

  constructor(settings: PullSettings) {
    this.#settings = settings;
  }

  add(message: StoredMessage): void {
    if (!this.#settings.retainAckedMessages && this.snapshots === 0) return;
    this.#messages.set(message.id, message);
    const oldestMs = Date.now() - this.#settings.retentionMs;
    for (const [id, { publishedAt }] of this.#messages) {
      if (publishedAt >= oldestMs) break;
      this.#messages.delete(id);
    }
  }

  remove(id: string): void {
    this.#messages.delete(id);
  }

  [Symbol.iterator](): IterableIterator<StoredMessage> {
    return this.#messages.values();
  }
}
