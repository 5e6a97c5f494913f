import { alreadyExists, failedPrecondition, invalidArgument } from '../rpc/status.ts';
import type { JournalRecord } from './journal.ts';
import { topicPath } from './message.ts';
import type { PullQueue } from './pull-queue.ts';
import type { PushDelivery } from './push-delivery.ts';
import { missing } from './resources.ts';
import type { Subscription } from './subscription.ts';

interface Making {
  make(subscription: Subscription): PushDelivery | PullQueue;
  /** Resolves when the change is on the disk. */
  record(change: JournalRecord): Promise<void>;
}

/** The topics and subscriptions: those of the pipeline, given at every start, and those that clients make. */
export class Catalog {
  readonly #topics: Set<string>;
  readonly #subscriptions = new Map<string, PushDelivery | PullQueue>();
  readonly #ownTopics: ReadonlySet<string>;
  /** What clients made, as they made it. */
  readonly #made = new Map<string, Subscription>();
  readonly #making: Making;

  constructor(own: { topics: readonly string[]; subscriptions: readonly Subscription[] }, making: Making) {
    this.#making = making;
    this.#ownTopics = new Set(own.topics);
    this.#topics = new Set(own.topics);
    for (const subscription of own.subscriptions) this.#add(subscription);
  }

  get topics(): ReadonlySet<string> {
    return this.#topics;
  }

  get subscriptions(): ReadonlyMap<string, PushDelivery | PullQueue> {
    return this.#subscriptions;
  }

  async createTopic(name: string, path: string): Promise<void> {
    if (this.#topics.has(name)) throw alreadyExists(`Resource already exists (resource=${path}).`);
    this.#topics.add(name);
    await this.#making.record({ kind: 'topic', name, exists: true });
  }

  async deleteTopic(name: string): Promise<void> {
    if (this.#ownTopics.has(name)) throw failedPrecondition(ofThePipeline('topic', name));
    this.#topics.delete(name);
    await this.#making.record({ kind: 'topic', name, exists: false });
  }

  async createSubscription(subscription: Subscription, path: string): Promise<void> {
    if (this.#subscriptions.has(subscription.name))
      throw alreadyExists(`Resource already exists (resource=${path}).`);
    this.#add(subscription);
    this.#made.set(subscription.name, subscription);
    await this.#making.record({ kind: 'subscription', subscription });
  }

  async deleteSubscription({ settings: { name } }: PushDelivery | PullQueue): Promise<void> {
    if (!this.#made.has(name)) throw failedPrecondition(ofThePipeline('subscription', name));
    this.#remove(name);
    await this.#making.record({ kind: 'subscription-gone', name });
  }

  /** The new one owes what the old one owed. */
  async replaceSubscription(old: PushDelivery | PullQueue, subscription: Subscription): Promise<void> {
    const { name } = subscription;
    if (!this.#made.has(name)) throw failedPrecondition(ofThePipeline('subscription', name));
    this.#replace(old, subscription, true);
    await this.#making.record({ kind: 'subscription', subscription });
  }

  replay(record: JournalRecord): void {
    if (record.kind === 'topic') {
      if (record.exists) this.#topics.add(record.name);
      else if (!this.#ownTopics.has(record.name)) this.#topics.delete(record.name);
    } else if (record.kind === 'subscription') {
      this.#remake(record.subscription);
    } else if (record.kind === 'subscription-gone' && this.#made.has(record.name)) {
      this.#remove(record.name);
    }
  }

  /** All that a journal has to hold, messages included. */
  *records(): Iterable<JournalRecord> {
    for (const name of this.#topics)
      if (!this.#ownTopics.has(name)) yield { kind: 'topic', name, exists: true };
    for (const subscription of this.#made.values()) yield { kind: 'subscription', subscription };
    yield* this.#unacked().values();
  }

  #unacked(): Map<string, JournalRecord & { kind: 'publish' }> {
    const records = new Map<string, JournalRecord & { kind: 'publish' }>();
    for (const [name, { backlog }] of this.#subscriptions)
      for (const { message, attempts } of backlog) {
        const record = records.get(message.id) ?? { kind: 'publish', message, to: {} };
        record.to[name] = attempts;
        records.set(message.id, record);
      }
    return records;
  }

  #remake(subscription: Subscription): void {
    const { name, topic, deadLetterTopic = topic } = subscription;
    const old = this.#subscriptions.get(name);
    // The pipeline has taken the name for itself, or it no longer has the topic.
    if ((old && !this.#made.has(name)) || !this.#topics.has(topic) || !this.#topics.has(deadLetterTopic))
      return;
    if (old) this.#replace(old, subscription, false);
    else this.#add(subscription);
    this.#made.set(name, subscription);
  }

  #replace(old: PushDelivery | PullQueue, subscription: Subscription, isRunning: boolean): void {
    this.#checkTopics(subscription);
    this.#remove(subscription.name);
    const added = this.#add(subscription);
    this.#made.set(subscription.name, subscription);
    for (const unacked of old.backlog) {
      added.backlog.add(unacked);
      if (isRunning && added.kind === 'push') added.enqueue(unacked);
    }
  }

  #remove(name: string): void {
    this.#subscriptions.get(name)?.close();
    this.#subscriptions.delete(name);
    this.#made.delete(name);
  }

  #add(subscription: Subscription): PushDelivery | PullQueue {
    const { name } = subscription;
    if (this.#subscriptions.has(name)) throw invalidArgument(`Two subscriptions are named "${name}".`);
    this.#checkTopics(subscription);
    const added = this.#making.make(subscription);
    this.#subscriptions.set(name, added);
    return added;
  }

  #checkTopics({ topic, deadLetterTopic = topic }: Subscription): void {
    for (const name of [topic, deadLetterTopic])
      if (!this.#topics.has(name)) throw missing(topicPath(name), this.#topics);
  }
}

const ofThePipeline = (kind: string, name: string): string =>
  `The ${kind} ${name} is the pipeline's own and stays as it is; make one of your own.`;
