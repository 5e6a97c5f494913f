import { Backlog, type Unacked } from './backlog.ts';
import { backoffMs } from './backoff.ts';
import { DueQueue } from './due-queue.ts';
import type { FaultDice } from './faults.ts';
import { pushBody, type StoredMessage } from './message.ts';
import type { PushClient, PushOutcome } from './push-client.ts';
import { PushWindow } from './push-window.ts';
import type { PushSettings } from './subscription.ts';

/** setTimeout fires at once beyond 2^31 - 1 ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Where a delivery reports to: the broker journals and forwards. */
interface PushEvents {
  attempted(unacked: Unacked): void;
  acked(unacked: Unacked): void;
  /** Takes the message out of the backlog into the topic; false when that failed and it is still owed. */
  deadLetter(unacked: Unacked, topic: string): Promise<boolean>;
  settled(): void;
}

interface PushDeps {
  client: PushClient;
  faults: FaultDice;
  random: () => number;
  events: PushEvents;
}

/** Delivers one push subscription: window, deadline, backoff, dead letters. */
export class PushDelivery {
  readonly kind = 'push';
  readonly settings: PushSettings;
  readonly backlog = new Backlog();
  readonly counts = {
    pushes: 0,
    acked: 0,
    refused: 0,
    deadlineExceeded: 0,
    deadLettered: 0,
    expired: 0,
    duplicates: 0,
    answersLost: 0,
  };
  readonly #deps: PushDeps;
  readonly #due = new DueQueue<Unacked>();
  readonly #window: PushWindow;
  readonly #closing = new AbortController();
  #inFlight = 0;
  /** Deliveries whose consequences are not all drawn: in flight, or on their way to the dead letters. */
  #open = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(settings: PushSettings, deps: PushDeps) {
    this.settings = settings;
    this.#deps = deps;
    this.#window = new PushWindow(settings.maxOutstanding);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get window(): number {
    return this.#window.size;
  }

  get nextDeliveryAt(): number | undefined {
    return this.#due.nextAt;
  }

  get isIdle(): boolean {
    return this.backlog.size === 0 && this.#open === 0;
  }

  enqueue(unacked: Unacked, dueAt = Date.now()): void {
    this.#due.add(unacked, dueAt);
    this.#pump();
  }

  close(): void {
    this.#closing.abort();
    clearTimeout(this.#timer);
  }

  #pump(): void {
    clearTimeout(this.#timer);
    if (this.#closing.signal.aborted) return;
    const now = Date.now();
    while (this.#window.hasRoom(this.#inFlight)) {
      const unacked = this.#due.takeDue(now);
      if (unacked === undefined) break;
      void this.#track(this.#deliver(unacked));
    }
    const nextAt = this.#due.nextAt;
    if (nextAt === undefined || !this.#window.hasRoom(this.#inFlight)) return;
    this.#timer = setTimeout(() => this.#pump(), Math.min(Math.max(0, nextAt - now), LONGEST_TIMER_MS));
    this.#timer.unref();
  }

  async #track(delivery: Promise<void>): Promise<void> {
    this.#open += 1;
    await delivery;
    this.#open -= 1;
    this.#pump();
    this.#deps.events.settled();
  }

  async #deliver(unacked: Unacked): Promise<void> {
    if (Date.now() - unacked.message.publishedAt > this.settings.retentionMs) return this.#expire(unacked);
    unacked.attempts += 1;
    this.#deps.events.attempted(unacked);

    const duplicate = this.#deps.faults.duplicate();
    if (duplicate === 'racing') void this.#track(this.#pushAgain(unacked));
    const outcome = await this.#push(unacked);
    if (duplicate === 'afterward') void this.#track(this.#pushAgain(unacked));

    await this.#settle(unacked, outcome);
  }

  async #settle(unacked: Unacked, outcome: PushOutcome): Promise<void> {
    switch (outcome.kind) {
      case 'acked':
        this.counts.acked += 1;
        this.#window.succeeded(this.#inFlight + 1);
        return this.#remove(unacked);
      case 'deadline':
        this.counts.deadlineExceeded += 1;
        return this.#refuse(unacked);
      case 'refused':
        this.counts.refused += 1;
        return this.#refuse(unacked);
      case 'aborted':
        return;
    }
  }

  async #refuse(unacked: Unacked): Promise<void> {
    this.#window.refused();
    const { deadLetter } = this.settings;
    if (deadLetter !== undefined && unacked.attempts >= deadLetter.maxDeliveryAttempts) {
      if (await this.#deps.events.deadLetter(unacked, deadLetter.topic)) {
        this.counts.deadLettered += 1;
        return;
      }
    }
    this.#due.add(unacked, Date.now() + backoffMs(unacked.attempts, this.settings, this.#deps.random));
  }

  #remove(unacked: Unacked): void {
    if (this.backlog.remove(unacked.message.id)) this.#deps.events.acked(unacked);
  }

  #expire(unacked: Unacked): void {
    this.counts.expired += 1;
    this.#remove(unacked);
  }

  /** The second copy of a duplicate: nobody waits for its answer, and its answer changes nothing. */
  async #pushAgain(unacked: Unacked): Promise<void> {
    this.counts.duplicates += 1;
    await this.#push(unacked);
  }

  async #push(unacked: Unacked): Promise<PushOutcome> {
    this.#inFlight += 1;
    try {
      await this.#pause(this.#deps.faults.delayMs());
      this.counts.pushes += 1;
      const outcome = await this.#deps.client.post(
        this.settings.pushEndpoint,
        this.#body(unacked.message, unacked.attempts),
        this.settings.ackDeadlineMs,
        this.#closing.signal,
      );
      return outcome.kind === 'acked' ? this.#maybeLose(outcome) : outcome;
    } finally {
      this.#inFlight -= 1;
    }
  }

  #body(message: StoredMessage, attempts: number): string {
    return pushBody(
      message,
      this.settings.name,
      this.settings.deadLetter === undefined ? undefined : attempts,
    );
  }

  #maybeLose(outcome: PushOutcome): PushOutcome {
    if (!this.#deps.faults.losesAnswer()) return outcome;
    this.counts.answersLost += 1;
    return { kind: 'refused', reason: 'the answer was lost' };
  }

  #pause(ms: number): Promise<void> {
    if (ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#closing.signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.#closing.signal.addEventListener('abort', end, { once: true });
    });
  }
}
