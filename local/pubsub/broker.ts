import { join } from 'node:path';
import { ApiError, invalidArgument, notFound } from './api-error.ts';
import type { Unacked } from './backlog.ts';
import type { FaultDice } from './faults.ts';
import { Journal, type JournalRecord, readJournal } from './journal.ts';
import { deadLetterAttributes, type PubSubMessage, type StoredMessage, topicPath } from './message.ts';
import { PullQueue } from './pull-queue.ts';
import type { PushClient } from './push-client.ts';
import { PushDelivery } from './push-delivery.ts';
import { isPull, pushSettings, type Subscription } from './subscription.ts';

export interface BrokerOptions {
  /** Absent: nothing outlives the process. */
  dataDir?: string;
  topics: readonly string[];
  subscriptions: readonly Subscription[];
  random: () => number;
  timeScale: number;
  client: PushClient;
  faults: FaultDice;
}

/** Topics, subscriptions and the journal that carries them over a crash. */
export class Broker {
  readonly topics: ReadonlySet<string>;
  readonly subscriptions = new Map<string, PushDelivery | PullQueue>();
  published = 0;
  #journal: Journal | undefined;
  #lastId = 0;
  #publishing = 0;
  #idleWaiters: (() => void)[] = [];

  constructor(options: BrokerOptions) {
    this.topics = new Set(options.topics);
    for (const subscription of options.subscriptions) this.#addSubscription(subscription, options);
  }

  /** Brings back what the last process left unacknowledged; it is delivered at once, with its attempt counts. */
  async restore(dataDir: string | undefined): Promise<void> {
    if (dataDir !== undefined) {
      const path = join(dataDir, 'pubsub.journal');
      await readJournal(path, (record) => this.#replay(record));
      this.#journal = await Journal.open(path, () => this.#snapshot());
    }
    for (const subscription of this.#pushDeliveries())
      for (const unacked of subscription.backlog) subscription.enqueue(unacked);
  }

  get journalBytes(): number {
    return this.#journal?.bytes ?? 0;
  }

  /** Resolves with the message id once the message is on the disk. */
  async publish(topic: string, { data, attributes = {}, orderingKey }: PubSubMessage): Promise<string> {
    if (!this.topics.has(topic)) throw notFound(topicPath(topic), this.topics);
    if (data.length === 0 && Object.keys(attributes).length === 0)
      throw invalidArgument('Each message must contain either non-empty data, or at least one attribute.');
    const message = this.#accept(topic, data.toString('base64'), attributes, orderingKey);
    await this.#store(message);
    this.published += 1;
    return message.id;
  }

  subscription(name: string): PushDelivery | PullQueue | undefined {
    return this.subscriptions.get(name);
  }

  /** Journals the end of a message pulled from `queue`. */
  async acknowledge(queue: PullQueue, ackIds: readonly string[]): Promise<void> {
    const gone = ackIds.flatMap((ackId) => queue.acknowledge(ackId) ?? []);
    await Promise.all(
      gone.map(({ message }) => this.#append({ kind: 'ack', subscription: queue.name, id: message.id })),
    );
  }

  /** Resolves when no push subscription has anything in flight or waiting. Pull queues hold what nobody pulls. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve);
      this.#checkIdle();
    });
  }

  async close(): Promise<void> {
    for (const subscription of this.#pushDeliveries()) subscription.close();
    await this.#journal?.close();
    this.#journal = undefined;
  }

  #addSubscription(subscription: Subscription, options: BrokerOptions): void {
    const { name, topic } = subscription;
    if (this.subscriptions.has(name)) throw invalidArgument(`Two subscriptions are named "${name}".`);
    if (!this.topics.has(topic)) throw notFound(topicPath(topic), this.topics);
    if (isPull(subscription)) {
      this.subscriptions.set(name, new PullQueue(name, topic, options.timeScale));
      return;
    }
    const settings = pushSettings(subscription, options.timeScale);
    const deadLetterTopic = settings.deadLetter?.topic;
    if (deadLetterTopic !== undefined && !this.topics.has(deadLetterTopic))
      throw notFound(topicPath(deadLetterTopic), this.topics);
    const { client, faults, random } = options;
    const events = {
      attempted: ({ message, attempts }: Unacked) =>
        this.#note({ kind: 'attempt', subscription: name, id: message.id, attempts }),
      acked: ({ message }: Unacked) => this.#note({ kind: 'ack', subscription: name, id: message.id }),
      deadLetter: (unacked: Unacked, target: string) => this.#deadLetter(delivery, target, unacked),
      settled: () => this.#checkIdle(),
    };
    const delivery = new PushDelivery(settings, { client, faults, random, events });
    this.subscriptions.set(name, delivery);
  }

  #accept(
    topic: string,
    data: string,
    attributes: Record<string, string>,
    orderingKey?: string,
  ): StoredMessage {
    const publishedAt = Date.now();
    // 16 digits like Google's, and larger than those of an earlier process whose journal is gone.
    this.#lastId = Math.max(this.#lastId + 1, publishedAt * 1000);
    const id = String(this.#lastId);
    return {
      id,
      topic,
      publishedAt,
      data,
      attributes,
      ...(orderingKey === undefined ? {} : { orderingKey }),
    };
  }

  /** The backlogs change before the journal does, because a compaction writes what the backlogs hold. */
  async #store(message: StoredMessage, movedFrom?: { subscription: string; id: string }): Promise<void> {
    const targets = [...this.subscriptions.values()].filter((target) => topicOf(target) === message.topic);
    const added = targets.map((target) => ({
      target,
      unacked: target.backlog.add({ message, attempts: 0 }),
    }));
    const to = Object.fromEntries(targets.map((target) => [nameOf(target), 0]));
    this.#publishing += 1;
    try {
      await this.#append({ kind: 'publish', message, to, ...(movedFrom === undefined ? {} : { movedFrom }) });
      for (const { target, unacked } of added) if (target.kind === 'push') target.enqueue(unacked);
    } catch (cause) {
      for (const { target } of added) target.backlog.remove(message.id);
      const text =
        'The message could not be written to the journal; free some disk space and publish it again.';
      throw new ApiError(503, 'UNAVAILABLE', text, { cause });
    } finally {
      this.#publishing -= 1;
      this.#checkIdle();
    }
  }

  async #deadLetter(source: PushDelivery, topic: string, unacked: Unacked): Promise<boolean> {
    const { message, attempts } = unacked;
    const { name } = source.settings;
    const attributes = deadLetterAttributes(message, name, attempts);
    const letter = this.#accept(topic, message.data, attributes, message.orderingKey);
    source.backlog.remove(message.id);
    try {
      await this.#store(letter, { subscription: name, id: message.id });
      return true;
    } catch {
      source.backlog.add(unacked);
      return false;
    }
  }

  async #append(record: JournalRecord): Promise<void> {
    await this.#journal?.append(record);
  }

  /** For records whose loss only means one more delivery, which at-least-once allows. */
  #note(record: JournalRecord): void {
    this.#append(record).catch(() => {});
  }

  #replay(record: JournalRecord): void {
    switch (record.kind) {
      case 'publish': {
        const { message, to, movedFrom } = record;
        this.#lastId = Math.max(this.#lastId, Number(message.id));
        for (const [name, attempts] of Object.entries(to))
          this.subscriptions.get(name)?.backlog.add({ message, attempts });
        if (movedFrom !== undefined)
          this.subscriptions.get(movedFrom.subscription)?.backlog.remove(movedFrom.id);
        return;
      }
      case 'attempt': {
        const unacked = this.subscriptions.get(record.subscription)?.backlog.get(record.id);
        if (unacked !== undefined) unacked.attempts = record.attempts;
        return;
      }
      case 'ack':
        this.subscriptions.get(record.subscription)?.backlog.remove(record.id);
    }
  }

  *#snapshot(): Iterable<JournalRecord> {
    const records = new Map<
      string,
      { kind: 'publish'; message: StoredMessage; to: Record<string, number> }
    >();
    for (const [name, { backlog }] of this.subscriptions)
      for (const { message, attempts } of backlog) {
        const record = records.get(message.id) ?? { kind: 'publish', message, to: {} };
        record.to[name] = attempts;
        records.set(message.id, record);
      }
    yield* records.values();
  }

  *#pushDeliveries(): Iterable<PushDelivery> {
    for (const subscription of this.subscriptions.values())
      if (subscription.kind === 'push') yield subscription;
  }

  #checkIdle(): void {
    if (this.#idleWaiters.length === 0 || this.#publishing > 0) return;
    for (const subscription of this.#pushDeliveries()) if (!subscription.isIdle) return;
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const resolve of waiters) resolve();
  }
}

export const nameOf = (subscription: PushDelivery | PullQueue): string =>
  subscription.kind === 'push' ? subscription.settings.name : subscription.name;

export const topicOf = (subscription: PushDelivery | PullQueue): string =>
  subscription.kind === 'push' ? subscription.settings.topic : subscription.topic;
