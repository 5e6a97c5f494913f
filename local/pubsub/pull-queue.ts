import { invalidArgument } from '../rpc/status.ts';
import { Backlog, type Unacked } from './backlog.ts';
import { Leases } from './leases.ts';
import type { StoredMessage } from './message.ts';
import { Retained } from './retained.ts';
import type { PullSettings } from './subscription.ts';

export interface Received {
  readonly ackId: string;
  readonly unacked: Unacked;
}

interface PullOptions {
  readonly maxMessages: number;
  readonly maxBytes?: number;
  /** Default: the subscription's ack deadline. */
  readonly leaseMs?: number;
  /** Told once when a message is no longer its puller's: acknowledged, given back, or its deadline is over. */
  readonly onEnd?: (unacked: Unacked) => void;
}

/** Takes a message that was delivered too often out of the backlog; false when that failed and it is still owed. */
type DeadLetter = (unacked: Unacked, topic: string) => Promise<boolean>;

/** A pull subscription: hands messages out on a lease, keeps them until they are acknowledged. */
export class PullQueue {
  readonly kind = 'pull';
  readonly settings: PullSettings;
  readonly backlog = new Backlog();
  /** What was acknowledged and may come back by a seek. */
  readonly retained: Retained;
  readonly #deadLetter: DeadLetter;
  readonly #leases: Leases;
  readonly #pullers = new Set<() => void>();

  constructor(settings: PullSettings, deadLetter: DeadLetter) {
    this.settings = settings;
    this.retained = new Retained(settings);
    this.#deadLetter = deadLetter;
    this.#leases = new Leases(() => this.wake());
  }

  /** Messages that nobody holds; they come back when their lease is over. */
  pull({ maxMessages, maxBytes = Number.POSITIVE_INFINITY, leaseMs, onEnd }: PullOptions): Received[] {
    const received: Received[] = [];
    let bytes = 0;
    for (const unacked of this.backlog) {
      if (received.length >= maxMessages || bytes >= maxBytes) break;
      if (this.#leases.isHeld(unacked) || this.#isDead(unacked)) continue;
      unacked.attempts += 1;
      bytes += unacked.message.data.length;
      const end = onEnd && (() => onEnd(unacked));
      this.#leases.take(unacked, leaseMs ?? this.settings.ackDeadlineMs, end);
      received.push({ ackId: `${unacked.message.id}:${unacked.attempts}`, unacked });
    }
    return received;
  }

  /** Undefined when it is gone already: as in Pub/Sub, a late acknowledgment may still succeed, and a second one is no error. */
  acknowledge(ackId: string): Unacked | undefined {
    const unacked = this.#held(ackId);
    if (unacked) this.drop(unacked);
    return unacked;
  }

  /** Takes it for acknowledged. */
  drop(unacked: Unacked): void {
    this.backlog.remove(unacked.message.id);
    this.#leases.end(unacked);
    this.retained.add(unacked.message);
  }

  /** Owes these again, as if they had never been acknowledged. */
  restore(messages: readonly StoredMessage[]): void {
    for (const message of messages) {
      this.retained.remove(message.id);
      this.backlog.add({ message, attempts: 0 });
    }
    this.wake();
  }

  /** 0 gives the message back at once. */
  modifyAckDeadline(ackId: string, deadlineMs: number): void {
    const unacked = this.#held(ackId);
    if (!unacked) return;
    if (deadlineMs > 0) {
      this.#leases.extend(unacked, deadlineMs);
      return;
    }
    this.#leases.end(unacked);
    this.wake();
  }

  /** Calls `look` whenever there may be something to pull; returns how to end that. */
  onAvailable(look: () => void): () => void {
    this.#pullers.add(look);
    return () => void this.#pullers.delete(look);
  }

  /** The one that looked first last time looks last now, so that several share the messages. */
  wake(): void {
    const [first] = this.#pullers;
    if (!first) return;
    this.#pullers.delete(first);
    this.#pullers.add(first);
    for (const look of [...this.#pullers]) look();
  }

  close(): void {
    this.#leases.close();
  }

  #isDead(unacked: Unacked): boolean {
    const { deadLetter } = this.settings;
    if (!deadLetter || unacked.attempts < deadLetter.maxDeliveryAttempts) return false;
    void this.#deadLetter(unacked, deadLetter.topic);
    return true;
  }

  #held(ackId: string): Unacked | undefined {
    const id = /^(\d+):\d+$/.exec(ackId)?.[1];
    if (id === undefined)
      throw invalidArgument(`Invalid ack ID "${ackId}": acknowledge with the ackId of a pull.`);
    return this.backlog.get(id);
  }
}
