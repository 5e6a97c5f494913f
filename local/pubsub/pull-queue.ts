import { invalidArgument } from './api-error.ts';
import { Backlog, type Unacked } from './backlog.ts';

/** Google's default for subscriptions without a deadline of their own. */
const ACK_DEADLINE_MS = 10_000;

export interface Received {
  readonly ackId: string;
  readonly unacked: Unacked;
}

/** A pull subscription: hands messages out on a lease, keeps them until they are acknowledged. */
export class PullQueue {
  readonly kind = 'pull';
  readonly name: string;
  readonly topic: string;
  readonly backlog = new Backlog();
  readonly #leasedUntil = new Map<string, number>();
  readonly #ackDeadlineMs: number;

  constructor(name: string, topic: string, timeScale: number) {
    this.name = name;
    this.topic = topic;
    this.#ackDeadlineMs = ACK_DEADLINE_MS * timeScale;
  }

  /** Up to `maxMessages` that nobody holds; they come back when their ack deadline passes. */
  pull(maxMessages: number): Received[] {
    const now = Date.now();
    const received: Received[] = [];
    for (const unacked of this.backlog) {
      if (received.length >= maxMessages) break;
      const { id } = unacked.message;
      if ((this.#leasedUntil.get(id) ?? 0) > now) continue;
      unacked.attempts += 1;
      this.#leasedUntil.set(id, now + this.#ackDeadlineMs);
      received.push({ ackId: `${id}:${unacked.attempts}`, unacked });
    }
    return received;
  }

  /** Undefined when it is gone already: as in Pub/Sub, a late acknowledgment may still succeed, and a second one is no error. */
  acknowledge(ackId: string): Unacked | undefined {
    const unacked = this.#held(ackId);
    if (unacked === undefined) return undefined;
    this.backlog.remove(unacked.message.id);
    this.#leasedUntil.delete(unacked.message.id);
    return unacked;
  }

  /** 0 gives the message back at once. */
  modifyAckDeadline(ackId: string, deadlineMs: number): void {
    const unacked = this.#held(ackId);
    if (unacked !== undefined) this.#leasedUntil.set(unacked.message.id, Date.now() + deadlineMs);
  }

  #held(ackId: string): Unacked | undefined {
    const id = /^(\d+):\d+$/.exec(ackId)?.[1];
    if (id === undefined)
      throw invalidArgument(`Invalid ack ID "${ackId}": acknowledge with the ackId of a pull.`);
    return this.backlog.get(id);
  }
}
