import { alreadyExists } from '../rpc/status.ts';
import type { PullQueue } from './pull-queue.ts';
import { missing } from './resources.ts';

const LIFETIME_MS = 7 * 24 * 3_600_000;

export interface Snapshot {
  readonly id: string;
  readonly topic: string;
  readonly queue: PullQueue;
  /** Unix milliseconds. */
  readonly takenAt: number;
  readonly expiresAt: number;
  /** What was owed at that moment. */
  readonly unacked: ReadonlySet<string>;
  labels: Record<string, string>;
}

/** What subscriptions owed at some moment. In memory: they end with the process. */
export class Snapshots {
  readonly #snapshots = new Map<string, Snapshot>();

  all(): Snapshot[] {
    return [...this.#snapshots.values()].filter(({ expiresAt }) => expiresAt > Date.now());
  }

  get(id: string, name: string): Snapshot {
    const snapshot = this.all().find((one) => one.id === id);
    if (!snapshot) throw missing(name, this.#snapshots.keys());
    return snapshot;
  }

  create(id: string, name: string, queue: PullQueue, labels: Record<string, string>): Snapshot {
    if (this.#snapshots.has(id)) throw alreadyExists(`Resource already exists (resource=${name}).`);
    const takenAt = Date.now();
    const unacked = new Set(Array.from(queue.backlog, ({ message }) => message.id));
    const { topic } = queue.settings;
    const snapshot = { id, topic, queue, takenAt, expiresAt: takenAt + LIFETIME_MS, unacked, labels };
    this.#snapshots.set(id, snapshot);
    queue.retained.snapshots += 1;
    return snapshot;
  }

  delete(id: string, name: string): void {
    this.get(id, name).queue.retained.snapshots -= 1;
    this.#snapshots.delete(id);
  }
}
