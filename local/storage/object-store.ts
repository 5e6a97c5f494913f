import { noSuchObject, StorageError } from './errors.ts';
import type { Journal } from './journal.ts';
import type { ObjectEvent, PendingMessage } from './notifications.ts';
import { type Change, ObjectIndex, type RemovedObject } from './object-index.ts';
import { compareNames } from './object-names.ts';
import { checkPreconditions, type Preconditions } from './preconditions.ts';
import type { Content, ObjectFields, StoredBucket, StoredObject } from './resource.ts';

export interface ObjectAddress {
  bucket: string;
  name: string;
  generation?: number;
}

/** An object about to be written; `componentCount` only for composed ones. */
export interface NewObject {
  bucket: string;
  name: string;
  content: Content;
  fields: ObjectFields;
  componentCount?: number;
}

export interface ObjectStoreOptions {
  /** Off: an overwritten generation is gone at once, as in production without versioning. */
  versioning: boolean;
  /** The messages to journal together with an event. */
  describe: (event: ObjectEvent) => PendingMessage[];
  /** Called once the messages are in the journal. */
  send: (messages: PendingMessage[]) => void;
  /** Called with contents that no object names any more. */
  release: (contentId: string) => void;
}

/**
 * Buckets and object metadata. Every mutation is synchronous: precondition, journal line and visibility happen in one
 * turn of the event loop, so of 20 concurrent creators exactly one finds generation 0.
 */
export class ObjectStore {
  readonly #journal: Journal<Change>;
  readonly #options: ObjectStoreOptions;
  readonly #index = new ObjectIndex();

  constructor(journal: Journal<Change>, options: ObjectStoreOptions) {
    this.#journal = journal;
    this.#options = options;
    for (const change of journal.read()) this.#index.apply(change);
    journal.rewrite(this.#index.snapshot());
  }

  get versioning(): boolean {
    return this.#options.versioning;
  }

  buckets(): StoredBucket[] {
    return this.#index.buckets().sort((a, b) => compareNames(a.name, b.name));
  }

  hasBucket(name: string): boolean {
    return this.#index.hasBucket(name);
  }

  /** @throws StorageError 404 */
  bucket(name: string): StoredBucket {
    return this.#index.shelf(name).bucket;
  }

  /** @throws StorageError 409 when the bucket exists. */
  createBucket(name: string): StoredBucket {
    if (this.hasBucket(name)) {
      throw new StorageError(409, 'conflict', 'The bucket exists already, and you own it.');
    }
    const bucket = { name, timeCreated: new Date().toISOString() };
    this.#commit({ bucket });
    return bucket;
  }

  /** Names of live and archived objects in listing order. @throws StorageError 404 */
  names(bucket: string): readonly string[] {
    return this.#index.shelf(bucket).names;
  }

  /** Oldest first, archived ones included. */
  generations(bucket: string, name: string): readonly StoredObject[] {
    return this.#index.shelf(bucket).generations.get(name) ?? [];
  }

  live(bucket: string, name: string): StoredObject | undefined {
    const newest = this.generations(bucket, name).at(-1);
    return newest?.timeDeleted === undefined ? newest : undefined;
  }

  /** The live object, or the exact generation asked for. @throws StorageError 404 */
  get({ bucket, name, generation }: ObjectAddress): StoredObject {
    const object =
      generation === undefined
        ? this.live(bucket, name)
        : this.generations(bucket, name).find((candidate) => candidate.generation === generation);
    if (object === undefined) throw noSuchObject(bucket, name);
    return object;
  }

  objectsByContent(): Map<string, StoredObject> {
    return new Map([...this.#index.everyObject()].map((object) => [object.contentId, object]));
  }

  pendingMessages(): PendingMessage[] {
    return this.#index.pendingMessages();
  }

  markPublished(messageId: string): void {
    this.#commit({ published: [messageId] });
  }

  /** Creates the object or replaces its live generation. @throws StorageError 412 */
  insert(
    { bucket, name, content, fields, componentCount }: NewObject,
    conditions: Preconditions,
  ): StoredObject {
    const current = this.live(bucket, name);
    checkPreconditions(conditions, current, 'write');
    const now = new Date().toISOString();
    const object: StoredObject = {
      bucket,
      name,
      ...content,
      generation: this.#nextGeneration(),
      metageneration: 1,
      timeCreated: now,
      updated: now,
      ...(componentCount === undefined ? {} : { componentCount }),
      fields,
    };
    if (current === undefined) this.#commit({ put: [object] }, [{ type: 'OBJECT_FINALIZE', object }]);
    else this.#overwrite(current, object);
    return object;
  }

  /** @throws StorageError 404, 412 */
  update(
    address: ObjectAddress,
    conditions: Preconditions,
    edit: (fields: ObjectFields) => ObjectFields,
  ): StoredObject {
    const current = this.get(address);
    checkPreconditions(conditions, current, 'write');
    const object = {
      ...current,
      fields: edit(current.fields),
      metageneration: current.metageneration + 1,
      updated: new Date().toISOString(),
    };
    this.#commit({ put: [object] }, [{ type: 'OBJECT_METADATA_UPDATE', object }]);
    return object;
  }

  /** Deletes; with versioning and without an exact generation it archives. @throws StorageError 404, 412 */
  delete(address: ObjectAddress, conditions: Preconditions): void {
    const object = this.get(address);
    checkPreconditions(conditions, object, 'write');
    if (this.versioning && address.generation === undefined) {
      const archived = archive(object);
      this.#commit({ put: [archived] }, [{ type: 'OBJECT_ARCHIVE', object: archived }]);
    } else {
      this.#commit({ remove: [removal(object)] }, [{ type: 'OBJECT_DELETE', object }]);
    }
  }

  #overwrite(current: StoredObject, object: StoredObject): void {
    const replaced = this.versioning ? archive(current) : current;
    const change: Change = this.versioning
      ? { put: [replaced, object] }
      : { put: [object], remove: [removal(current)] };
    this.#commit(change, [
      { type: 'OBJECT_FINALIZE', object, otherGeneration: current.generation },
      {
        type: this.versioning ? 'OBJECT_ARCHIVE' : 'OBJECT_DELETE',
        object: replaced,
        otherGeneration: object.generation,
      },
    ]);
  }

  // Journal first: what the journal refused (full disk) must not become visible.
  #commit(change: Change, events: ObjectEvent[] = []): void {
    const pending = events.flatMap(this.#options.describe);
    const whole: Change = pending.length === 0 ? change : { ...change, pending };
    this.#journal.append(whole);
    this.#index.apply(whole);
    for (const { contentId } of whole.remove ?? []) this.#options.release(contentId);
    this.#options.send(pending);
  }

  // Production's generations are the microsecond of the write; two in one microsecond must still differ.
  #nextGeneration(): number {
    return Math.max(Date.now() * 1000, this.#index.lastGeneration + 1);
  }
}

const archive = (object: StoredObject): StoredObject => ({
  ...object,
  timeDeleted: new Date().toISOString(),
});

const removal = ({ bucket, name, generation, contentId }: StoredObject): RemovedObject => ({
  bucket,
  name,
  generation,
  contentId,
});
