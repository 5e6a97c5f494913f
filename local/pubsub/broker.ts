import { join } from 'node:path';
import { invalidArgument, unavailable } from '../rpc/status.ts';
import type { Unacked } from './backlog.ts';
import { Catalog } from './catalog.ts';
import type { FaultDice } from './faults.ts';
import { Journal, type JournalRecord, readJournal } from './journal.ts';
import { deadLetterAttributes, type PubSubMessage, type StoredMessage, topicPath } from './message.ts';
import { PullQueue } from './pull-queue.ts';
import type { PushClient } from './push-client.ts';
import { PushDelivery } from './push-delivery.ts';
import { missing } from './resources.ts';
import { Snapshots } from './snapshots.ts';
import {
  isPull,
  type PullSubscription,
  type PushSubscription,
  pullSettings,
  pushSettings,
  type Subscription,
} from './subscription.ts';

interface BrokerOptions {
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
  readonly catalog: Catalog;
  readonly snapshots = new Snapshots();
  readonly #options: BrokerOptions;
  published = 0;
  #journal: Journal | undefined;
  #lastId = 0;
  #publishing = 0;
  #idleWaiters: (() => void)[] = [];

  constructor(options: BrokerOptions) {
    this.#options = options;
    const record = (change: JournalRecord) => this.#append(change);
    this.catalog = new Catalog(options, { make: (subscription) => this.#make(subscription), record });
  }

  get topics(): ReadonlySet<string> {
    return this.catalog.topics;
  }

  get subscriptions(): ReadonlyMap<string, PushDelivery | PullQueue> {
    return this.catalog.subscriptions;
  }

  /** Brings back what the last process left unacknowledged; it is delivered at once, with its attempt counts. */
  async restore(dataDir: string | undefined): Promise<void> {
    if (dataDir !== undefined) {
      const path = join(dataDir, 'pubsub.journal');
      await readJournal(path, (record) => this.#replay(record));
      this.#journal = await Journal.open(path, () => this.catalog.records());
    }
    for (const subscription of this.#pushDeliveries())
      for (const unacked of subscription.backlog) subscription.enqueue(unacked);
  }

  get journalBytes(): number {
    return this.#journal?.bytes ?? 0;
  }

  /** Resolves with the message id once the message is on the disk. */
  async publish(topic: string, { data, attributes = {}, orderingKey }: PubSubMessage): Promise<string> {
    if (!this.topics.has(topic)) throw missing(topicPath(topic), this.topics);
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
      gone.map(({ message }) =>
        this.#append({ kind: 'ack', subscription: queue.settings.name, id: message.id }),
      ),
    );
  }

  /** Owes exactly what `isOwed` says, of what is owed now and what was acknowledged and is still kept. */
  async seek(queue: PullQueue, isOwed: (message: StoredMessage) => boolean): Promise<void> {
    const { name } = queue.settings;
    const again = [...queue.retained].filter(isOwed);
    const gone = [...queue.backlog].filter(({ message }) => !isOwed(message));
    for (const unacked of gone) queue.drop(unacked);
    await Promise.all([
      ...gone.map(({ message }) => this.#append({ kind: 'ack', subscription: name, id: message.id })),
      ...again.map((message) => this.#append({ kind: 'publish', message, to: { [name]: 0 } })),
    ]);
    queue.restore(again);
  }

  /** Resolves when no push subscription has anything in flight or waiting. Pull queues hold what nobody pulls. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve);
      this.#checkIdle();
    });
  }

  async close(): Promise<void> {
    for (const subscription of this.subscriptions.values()) subscription.close();
    await this.#journal?.close();
    this.#journal = undefined;
  }

  #make(subscription: Subscription): PushDelivery | PullQueue {
    return isPull(subscription) ? this.#pullQueue(subscription) : this.#pushDelivery(subscription);
  }

  #pullQueue(subscription: PullSubscription): PullQueue {
    const settings = pullSettings(subscription, this.#options.timeScale);
    const queue: PullQueue = new PullQueue(settings, (unacked, topic) =>
      this.#deadLetter(queue, topic, unacked),
    );
    return queue;
  }

  #pushDelivery(subscription: PushSubscription): PushDelivery {
    const { client, faults, random, timeScale } = this.#options;
    const { name } = subscription;
    const events = {
      attempted: ({ message, attempts }: Unacked) =>
        this.#note({ kind: 'attempt', subscription: name, id: message.id, attempts }),
      acked: ({ message }: Unacked) => this.#note({ kind: 'ack', subscription: name, id: message.id }),
      deadLetter: (unacked: Unacked, target: string) => this.#deadLetter(delivery, target, unacked),
      settled: () => this.#checkIdle(),
    };
    const settings = pushSettings(subscription, timeScale);
    const delivery: PushDelivery = new PushDelivery(settings, { client, faults, random, events });
    return delivery;
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
    const targets = [...this.subscriptions.values()].filter(
      ({ settings }) => settings.topic === message.topic,
    );
    const added = targets.map((target) => ({
      target,
      unacked: target.backlog.add({ message, attempts: 0 }),
    }));
    const to = Object.fromEntries(targets.map(({ settings }) => [settings.name, 0]));
    this.#publishing += 1;
    try {
      await this.#append({ kind: 'publish', message, to, ...(movedFrom === undefined ? {} : { movedFrom }) });
      for (const { target, unacked } of added) {
        if (target.kind === 'push') target.enqueue(unacked);
        else target.wake();
      }
    } catch (cause) {
      for (const { target } of added) target.backlog.remove(message.id);
      const text =
        'The message could not be written to the journal; free some disk space and publish it again.';
      throw unavailable(text, { cause });
    } finally {
      this.#publishing -= 1;
      this.#checkIdle();
    }
  }

  async #deadLetter(source: PushDelivery | PullQueue, topic: string, unacked: Unacked): Promise<boolean> {
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
        return;
      default:
        this.catalog.replay(record);
    }
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
