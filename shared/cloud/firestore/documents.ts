import { FieldValue, Firestore, type Query, Timestamp, type WriteBatch } from '@google-cloud/firestore';
import { PipelineError } from '../../base/errors/pipeline-error.ts';
import { withDeadline } from '../../base/resilience/deadline.ts';
import { retry } from '../../base/resilience/retry.ts';
import { wellFormed } from '../../base/text.ts';
import {
  isAlreadyThere,
  isDeletedOrChanged,
  isLostRace,
  isTransientCode,
  storeFailure,
} from './grpc-status.ts';

/** The moment of a document's last change, opaque and exact; hand it back to change the document only if nobody else did. */
export type Version = Timestamp;

/** A time as Firestore keeps it, finer than a Date: pages of a list must begin exactly where the last one ended. */
export type Moment = Pick<Timestamp, 'seconds' | 'nanoseconds'>;

export interface Stored {
  id: string;
  /** Field values; Firestore timestamps are Dates here. */
  data: Record<string, unknown>;
  version: Version;
}

/** A document that a query found. */
interface Found extends Stored {
  /** The time in a field to its last digit; undefined when there is none. */
  exactly(field: string): Moment | undefined;
}

/** A field set to undefined is removed from the document; keys are field paths (`claim.owner`). */
export type Patch = Readonly<Record<string, unknown>>;

/** Adds to a number when it is written, no matter who else adds at the same time; a field that is absent counts as 0. */
export const increment = (by: number): unknown => FieldValue.increment(by);

/** One write of an atomic commit; a `change` goes through only if the document is still at `version`. */
export type Write =
  | { kind: 'change'; path: string; patch: Patch; version: Version }
  | { kind: 'merge'; path: string; patch: Patch }
  | { kind: 'create'; path: string; data: Patch }
  /** Replaces what is there. */
  | { kind: 'put'; path: string; data: Patch }
  | { kind: 'delete'; path: string };

export interface Filter {
  field: string;
  op: '==' | '<' | '<=' | '>' | '>=' | 'in' | 'array-contains-any';
  value: unknown;
}

interface DocumentQuery {
  where?: readonly Filter[];
  orderBy?: readonly { field: string; direction: 'asc' | 'desc' }[];
  /** Values of the `orderBy` fields; a time is a Date or, exactly, a Moment. */
  startAfter?: readonly unknown[];
  limit: number;
}

interface DocumentsOptions {
  /** Named database; undefined is `(default)`. */
  databaseId?: string;
  projectId?: string;
  /** `host:port` of a server that plays Firestore; otherwise FIRESTORE_EMULATOR_HOST says so, or Google's answers. */
  emulatorHost?: string;
  /** One call may take this long, in milliseconds. */
  attemptMs?: number;
  /** A call and its repetitions may take this long together, in milliseconds. */
  overallMs?: number;
}

/** Firestore's client repeats a call that fails for longer than anybody wants to wait for its end. */
const CLOSE_MS = 5_000;

/**
 * Firestore as the pipeline uses it: create-if-absent and compare-and-set, no transactions (20 contenders cost over a
 * second in a transaction, milliseconds here). The only file that imports the vendor's client.
 *
 * A repeated write whose first answer was lost reports `exists` or `stale`; callers recognize their own write by its
 * owner. Everything is written as well-formed text. Throws STORE_UNAVAILABLE when Firestore does not answer in time,
 * STORE_REFUSED for what it never stores, and STORE_ACCESS without the right to.
 */
export class Documents {
  readonly #firestore: Firestore;
  readonly #attemptMs: number;
  readonly #overallMs: number;
  /** Calls that have not ended, those that were given up on included. */
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(options: DocumentsOptions = {}) {
    this.#firestore = new Firestore({
      ignoreUndefinedProperties: true,
      ...(options.databaseId === undefined ? {} : { databaseId: options.databaseId }),
      ...(options.projectId === undefined ? {} : { projectId: options.projectId }),
      ...(options.emulatorHost === undefined ? {} : emulatorAt(options.emulatorHost)),
    });
    this.#attemptMs = options.attemptMs ?? 5_000;
    this.#overallMs = options.overallMs ?? 15_000;
  }

  /** The document at `path`, or undefined. */
  async get(path: string): Promise<Stored | undefined> {
    const snapshot = await this.#call(() => this.#firestore.doc(path).get());
    const data = snapshot.data();
    if (data === undefined || snapshot.updateTime === undefined) return undefined;
    return { id: snapshot.id, data: datedFields(data), version: snapshot.updateTime };
  }

  /** Those of the documents that there are, in one call; at most 300. */
  async getMany(paths: readonly string[]): Promise<Stored[]> {
    if (paths.length === 0) return [];
    const snapshots = await this.#call(() =>
      this.#firestore.getAll(...paths.map((path) => this.#firestore.doc(path))),
    );
    return snapshots.flatMap((snapshot) => {
      const data = snapshot.data();
      const { updateTime: version } = snapshot;
      return data && version ? [{ id: snapshot.id, data: datedFields(data), version }] : [];
    });
  }

  /** Creates the document unless one is there. */
  async create(path: string, data: Patch): Promise<Version | 'exists'> {
    try {
      return (await this.#call(() => this.#firestore.doc(path).create(wellFormed(data)))).writeTime;
    } catch (error) {
      if (isAlreadyThere(error)) return 'exists';
      throw error;
    }
  }

  /** Changes the document only if it is still at `version`. Write a new owner or count each time: an idle write keeps the version. */
  async compareAndSet(path: string, patch: Patch, version: Version): Promise<Version | 'stale'> {
    try {
      const fields = removals(patch);
      return (await this.#call(() => this.#firestore.doc(path).update(fields, { lastUpdateTime: version })))
        .writeTime;
    } catch (error) {
      if (isLostRace(error)) return 'stale';
      throw error;
    }
  }

  /** Writes the fields, whatever is there. */
  async merge(path: string, patch: Patch): Promise<Version> {
    return (await this.#call(() => this.#firestore.doc(path).set(nested(removals(patch)), { merge: true })))
      .writeTime;
  }

  /** All writes or none; `stale` when a document was changed, removed or created meanwhile. The version is that of all. */
  async commit(writes: readonly Write[]): Promise<Version | 'stale'> {
    try {
      const results = await this.#call(() => this.#batchOf(writes).commit());
      const [first] = results;
      if (!first) throw new PipelineError('UNKNOWN', 'An empty commit was asked for.');
      return first.writeTime;
    } catch (error) {
      if (isLostRace(error)) return 'stale';
      throw error;
    }
  }

  async delete(path: string): Promise<void> {
    await this.#call(() => this.#firestore.doc(path).delete());
  }

  /** Deletes the document only if it is still at `version`. */
  async deleteAt(path: string, version: Version): Promise<'deleted' | 'stale'> {
    try {
      await this.#call(() => this.#firestore.doc(path).delete({ lastUpdateTime: version }));
      return 'deleted';
    } catch (error) {
      if (isDeletedOrChanged(error)) return 'stale';
      throw error;
    }
  }

  async query(collection: string, query: DocumentQuery): Promise<Found[]> {
    const snapshot = await this.#call(() => this.#build(collection, query).get());
    return snapshot.docs.map((doc) => ({
      id: doc.id,
      data: datedFields(doc.data()),
      version: doc.updateTime,
      exactly: (field) => {
        const value: unknown = doc.get(field);
        return value instanceof Timestamp ? value : undefined;
      },
    }));
  }

  /** How many documents fit, without reading them: one read is billed per 1,000. */
  async count(collection: string, where: readonly Filter[]): Promise<number> {
    const counting = this.#filtered(collection, where).count();
    return (await this.#call(() => counting.get())).data().count;
  }

  /** Calls `onChange` with each added, changed or removed document of the query until the returned function is called. */
  watch(
    collection: string,
    query: DocumentQuery,
    onChange: (
      changes: readonly {
        kind: 'added' | 'modified' | 'removed';
        id: string;
        data: Record<string, unknown>;
      }[],
    ) => void,
    onError: (error: unknown) => void,
  ): () => void {
    return this.#build(collection, query).onSnapshot(
      (snapshot) =>
        onChange(
          snapshot.docChanges().map((c) => ({ kind: c.type, id: c.doc.id, data: datedFields(c.doc.data()) })),
        ),
      onError,
    );
  }

  /** Lets what is under way end first: of calls that it loses while closing, the client throws where nobody listens. */
  async close(): Promise<void> {
    const ended = () => Promise.allSettled(this.#underWay);
    await withDeadline(CLOSE_MS, undefined, ended).catch(() => undefined);
    await this.#firestore.terminate();
  }

  #batchOf(writes: readonly Write[]): WriteBatch {
    const batch = this.#firestore.batch();
    for (const write of writes) {
      const document = this.#firestore.doc(write.path);
      if (write.kind === 'change')
        batch.update(document, removals(write.patch), { lastUpdateTime: write.version });
      else if (write.kind === 'merge') batch.set(document, nested(removals(write.patch)), { merge: true });
      else if (write.kind === 'put') batch.set(document, wellFormed(write.data));
      else if (write.kind === 'delete') batch.delete(document);
      else batch.create(document, wellFormed(write.data));
    }
    return batch;
  }

  #build(collection: string, { where = [], orderBy = [], startAfter, limit }: DocumentQuery): Query {
    let query = this.#filtered(collection, where);
    for (const { field, direction } of orderBy) query = query.orderBy(field, direction);
    if (startAfter) query = query.startAfter(...startAfter.map(cursorValue));
    return query.limit(limit);
  }

  #filtered(collection: string, where: readonly Filter[]): Query {
    let query: Query = this.#firestore.collection(collection);
    for (const { field, op, value } of where) query = query.where(field, op, value);
    return query;
  }

  /** Retries what may pass; a permanent answer is thrown at once with its cause. */
  async #call<T>(operation: () => Promise<T>): Promise<T> {
    try {
      return await retry(
        { maxAttempts: 6, baseMs: 100, maxMs: 2_000, overallMs: this.#overallMs, verdict: isTransientCode },
        undefined,
        (signal) => withDeadline(this.#attemptMs, signal, () => this.#followed(operation())),
      );
    } catch (error) {
      throw storeFailure(error);
    }
  }

  #followed<T>(work: Promise<T>): Promise<T> {
    const done = () => this.#underWay.delete(work);
    this.#underWay.add(work);
    work.then(done, done);
    return work;
  }
}

/** As the client itself does for FIRESTORE_EMULATOR_HOST. */
function emulatorAt(address: string) {
  const [host = '', port] = address.split(':');
  return { host, port: Number(port), ssl: false, customHeaders: { Authorization: 'Bearer owner' } };
}

const cursorValue = (value: unknown): unknown =>
  isMoment(value) ? new Timestamp(value.seconds, value.nanoseconds) : value;

const isMoment = (value: unknown): value is Moment =>
  typeof value === 'object' && value !== null && 'seconds' in value && 'nanoseconds' in value;

const removals = (patch: Patch): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(wellFormed(patch)).map(([field, value]) => [
      field,
      value === undefined ? FieldValue.delete() : value,
    ]),
  );

/** The fields with Dates in place of timestamps, at any depth. */
const datedFields = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, dated(value)]));

function dated(value: unknown): unknown {
  if (value instanceof Timestamp) return value.toDate();
  if (Array.isArray(value)) return value.map(dated);
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
    return datedFields(value as Record<string, unknown>);
  return value;
}

/** `{ 'a.b': 1 }` as `{ a: { b: 1 } }`: a merging set takes nested objects where update takes field paths. */
function nested(fields: Record<string, unknown>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(fields)) {
    const keys = path.split('.');
    let at = root;
    for (const key of keys.slice(0, -1)) {
      at[key] ??= {};
      at = at[key] as Record<string, unknown>;
    }
    at[keys.at(-1) ?? path] = value;
  }
  return root;
}
