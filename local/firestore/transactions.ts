import { randomBytes } from 'node:crypto';
import { aborted, invalidArgument } from '../rpc/status.ts';
import type { Documents, StoredDocument } from './documents.ts';
import { runQuery } from './query.ts';
import type { QueryPlan } from './query-plan.ts';
import type { Store } from './store.ts';
import { Turns } from './turns.ts';
import { fromWireTime, type WireTransactionOptions } from './wire.ts';

/** https://firebase.google.com/docs/firestore/quotas#writes_and_transactions */
const LIFETIME_MS = 270_000;

interface Transaction {
  readonly id: Uint8Array;
  readonly database: string;
  readonly readOnly: boolean;
  /** Read-only transactions see one moment, in microseconds; the others what is newest. */
  readonly readTime: number | undefined;
  readonly startedAtMs: number;
  readonly reads: Map<string, StoredDocument | undefined>;
  readonly queries: { plan: QueryPlan; found: readonly StoredDocument[] }[];
}

/**
 * Optimistic transactions that take turns at the documents they read, so that contenders for one do not use up their
 * attempts. Whatever one has read must still be so when it reads again and when it commits,
 * else it is ABORTED: all it ever saw existed at one moment, and nothing it saw has changed at its commit.
 */
export class Transactions {
  readonly #store: Store;
  readonly #nowMs: () => number;
  readonly #open = new Map<string, Transaction>();
  readonly #turns = new Turns();

  constructor(store: Store, nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }

  begin(database: string, options: WireTransactionOptions = {}): Uint8Array {
    const startedAtMs = this.#nowMs();
    for (const [key, open] of this.#open) {
      if (startedAtMs - open.startedAtMs > LIFETIME_MS) this.#open.delete(key);
    }
    const id = randomBytes(16);
    const readOnly = options.readOnly !== undefined;
    const readTime = readOnly ? this.#momentOf(database, options) : undefined;
    this.#open.set(keyOf(id), {
      id,
      database,
      readOnly,
      readTime,
      startedAtMs,
      reads: new Map(),
      queries: [],
    });
    return id;
  }

  get(id: Uint8Array): Transaction {
    const transaction = this.#open.get(keyOf(id));
    if (!transaction) throw invalidArgument('The referenced transaction has expired or is no longer valid.');
    return transaction;
  }

  async readDocument(id: Uint8Array, path: string): Promise<StoredDocument | undefined> {
    await this.#turns.take(keyOf(id), `${this.get(id).database}/${path}`);
    const { transaction, documents } = this.#forReading(id);
    const document = documents.get(path);
    transaction.reads.set(path, document);
    return document;
  }

  readQuery(id: Uint8Array, plan: QueryPlan): StoredDocument[] {
    const { transaction, documents } = this.#forReading(id);
    const found = runQuery(documents, plan);
    transaction.queries.push({ plan, found });
    return found;
  }

  /** Ends the transaction; throws ABORTED when something it read has changed. */
  finish(id: Uint8Array, hasWrites: boolean): void {
    const transaction = this.get(id);
    this.#end(id);
    if (transaction.readOnly && hasWrites) throw invalidArgument('A read-only transaction cannot write.');
    this.#checkUnchanged(transaction);
  }

  rollback(id: Uint8Array): void {
    this.#end(id);
  }

  #end(id: Uint8Array): void {
    this.#open.delete(keyOf(id));
    this.#turns.release(keyOf(id));
  }

  /** Throws when the past that is asked for is not kept. */
  #momentOf(database: string, { readOnly }: WireTransactionOptions): number {
    if (!readOnly?.readTime) return this.#store.clock.read();
    const readTime = fromWireTime(readOnly.readTime);
    this.#store.databaseAt(database, readTime);
    return readTime;
  }

  #forReading(id: Uint8Array): { transaction: Transaction; documents: Documents } {
    const transaction = this.get(id);
    this.#checkUnchanged(transaction);
    return { transaction, documents: this.#store.database(transaction.database) };
  }

  #checkUnchanged({ database, reads, queries }: Transaction): void {
    const documents = this.#store.database(database);
    const same =
      [...reads].every(([path, seen]) => documents.get(path) === seen) &&
      queries.every(({ plan, found }) => isSameList(runQuery(documents, plan), found));
    if (!same) throw aborted('Another write changed what this transaction has read. Please try again.');
  }
}

const keyOf = (id: Uint8Array) => Buffer.from(id).toString('base64');

function isSameList(a: readonly StoredDocument[], b: readonly StoredDocument[]): boolean {
  return a.length === b.length && a.every((document, i) => document === b[i]);
}
