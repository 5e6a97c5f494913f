import type { LineFile } from '../line-file.ts';
import { configOf } from './bucket-config.ts';
import { BucketStore } from './bucket-store.ts';
import { checkHolds, softDeleted } from './deletion.ts';
import { noSuchObject } from './errors.ts';
import type { ObjectEvent, PendingMessage } from './notifications.ts';
import { type Change, joined, ObjectIndex, removalOf } from './object-index.ts';
import { checkPreconditions, type Preconditions } from './preconditions.ts';
import type { Content, ObjectFields, StoredObject } from './stored-object.ts';

export interface ObjectAddress {
  bucket: string;
  name: string;
  generation?: number;
}

/** An object about to be written; `componentCount` only for composed ones. */
interface NewObject {
  bucket: string;
  name: string;
  content: Content;
  fields: ObjectFields;
  componentCount?: number;
}

interface ObjectStoreOptions {
  /** Of buckets that say nothing themselves. Off: an overwritten generation is gone at once, as in production. */
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
  readonly buckets: BucketStore;
  readonly #journal: LineFile;
  readonly #options: ObjectStoreOptions;
  readonly #index = new ObjectIndex();

  constructor(journal: LineFile, options: ObjectStoreOptions) {
    this.#journal = journal;
    this.#options = options;
    this.buckets = new BucketStore(this.#index, (change) => this.#commit(change));
    journal.replay((line) => this.#index.apply(JSON.parse(line) as Change));
    journal.rewrite(linesOf(this.#index.snapshot()));
  }

  /** Of buckets that say nothing themselves. */
  get versioning(): boolean {
    return this.#options.versioning;
  }

  /** Names of live and archived objects in listing order. @throws StorageError 404 */
  names(bucket: string): readonly string[] {
    return this.#index.shelf(bucket).names;
  }

  /** Oldest first, archived ones included. */
  generations(bucket: string, name: string): readonly StoredObject[] {
    return this.#index.shelf(bucket).generations.get(name) ?? [];
  }

  /** Deleted objects that can be restored, oldest deletion first. */
  softDeleted(bucket: string): readonly StoredObject[] {
    return this.#index.shelf(bucket).softDeleted;
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

  /** Creates the object or replaces its live generation. @throws StorageError 403, 412 */
  insert(target: NewObject, conditions: Preconditions): StoredObject {
    const { change, events, object } = this.#insertion(target, conditions);
    this.#commit(change, events);
    return object;
  }

  /** Gives the source's bytes to the target and removes the source, both or neither. @throws StorageError 403, 404, 412 */
  move(
    source: { address: ObjectAddress; conditions: Preconditions },
    target: NewObject,
    conditions: Preconditions,
  ): StoredObject {
    const removal = this.#deletion(source.address, source.conditions);
    const insertion = this.#insertion(target, conditions);
    this.#commit(joined(insertion.change, removal.change), [...insertion.events, ...removal.events]);
    return insertion.object;
  }

  /** Makes a soft-deleted generation the live object again, as a new generation. @throws StorageError 404, 412 */
  restore(address: Required<ObjectAddress>, conditions: Preconditions): StoredObject {
    const { bucket, name, generation } = address;
    const kept = this.softDeleted(bucket).find((one) => one.name === name && one.generation === generation);
    if (kept === undefined) throw noSuchObject(bucket, name);
    const { contentId, size, crc32c, md5, fields, componentCount } = kept;
    const content = { contentId, size, crc32c, ...(md5 === undefined ? {} : { md5 }) };
    const target = { bucket, name, content, fields, ...(componentCount ? { componentCount } : {}) };
    const { change, events, object } = this.#insertion(target, conditions);
    this.#commit(joined(change, { remove: [removalOf(kept)] }), events);
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

  /** Deletes; with versioning and without an exact generation it archives. @throws StorageError 403, 404, 412 */
  delete(address: ObjectAddress, conditions: Preconditions): void {
    const { change, events } = this.#deletion(address, conditions);
    this.#commit(change, events);
  }

  /** Removes for good what could have been restored until now. */
  purge(objects: readonly StoredObject[]): void {
    if (objects.length > 0) this.#commit({ remove: objects.map(removalOf) });
  }

  #insertion({ bucket, name, content, fields, componentCount }: NewObject, conditions: Preconditions) {
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
      fields: { ...this.#defaults(bucket), ...fields },
    };
    if (current === undefined) {
      const events: ObjectEvent[] = [{ type: 'OBJECT_FINALIZE', object }];
      return { object, change: { put: [object] }, events };
    }
    const events: ObjectEvent[] = [{ type: 'OBJECT_FINALIZE', object, otherGeneration: current.generation }];
    const replaced = this.#retirement(current, object.generation);
    return {
      object,
      change: joined({ put: [object] }, replaced.change),
      events: [...events, replaced.event],
    };
  }

  #deletion(address: ObjectAddress, conditions: Preconditions): { change: Change; events: ObjectEvent[] } {
    const object = this.get(address);
    checkPreconditions(conditions, object, 'write');
    const { change, event } = this.#retirement(object, undefined, address.generation !== undefined);
    return { change, events: [event] };
  }

  /** What becomes of a generation that is deleted or replaced: archived, kept for a time, or gone. */
  #retirement(
    object: StoredObject,
    replacedBy?: number,
    forGood = false,
  ): { change: Change; event: ObjectEvent } {
    checkHolds(object);
    const { versioning = this.versioning, softDeleteSeconds = 0 } = configOf(this.buckets.get(object.bucket));
    const by = replacedBy === undefined ? {} : { otherGeneration: replacedBy };
    if (versioning && !forGood) {
      const archived = { ...object, timeDeleted: new Date().toISOString() };
      return { change: { put: [archived] }, event: { type: 'OBJECT_ARCHIVE', object: archived, ...by } };
    }
    const change: Change = {
      remove: [removalOf(object)],
      ...(softDeleteSeconds > 0 ? { softDelete: [softDeleted(object, softDeleteSeconds)] } : {}),
    };
    return { change, event: { type: 'OBJECT_DELETE', object, ...by } };
  }

  #defaults(bucket: string): ObjectFields {
    const { storageClass, defaultEventBasedHold } = configOf(this.buckets.get(bucket));
    return {
      ...(storageClass === undefined ? {} : { storageClass }),
      ...(defaultEventBasedHold ? { eventBasedHold: true } : {}),
    };
  }

  // Journal first: what the journal refused (full disk) must not become visible.
  #commit(change: Change, events: ObjectEvent[] = []): void {
    const pending = events.flatMap(this.#options.describe);
    const whole: Change = pending.length === 0 ? change : { ...change, pending };
    this.#journal.append(JSON.stringify(whole));
    this.#index.apply(whole);
    const kept = new Set([...(whole.put ?? []), ...(whole.softDelete ?? [])].map((one) => one.contentId));
    for (const { contentId } of whole.remove ?? [])
      if (!kept.has(contentId)) this.#options.release(contentId);
    this.#options.send(pending);
  }

  // Production's generations are the microsecond of the write; two in one microsecond must still differ.
  #nextGeneration(): number {
    return Math.max(Date.now() * 1000, this.#index.lastGeneration + 1);
  }
}

function* linesOf(changes: Iterable<Change>): Generator<string> {
  for (const change of changes) yield JSON.stringify(change);
}
