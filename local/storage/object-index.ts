import { noSuchBucket } from './errors.ts';
import type { PendingMessage } from './notifications.ts';
import { lowerBound } from './object-names.ts';
import type { StoredBucket } from './resource.ts';
import type { StoredObject } from './stored-object.ts';

type RemovedObject = Pick<StoredObject, 'bucket' | 'name' | 'generation' | 'contentId'>;

/** One atomic step of the state; the journal is the list of them. */
export interface Change {
  /** A new bucket, or what is set on one that exists. */
  bucket?: StoredBucket;
  removeBucket?: string;
  /** New generations, or new metadata of known ones. */
  put?: StoredObject[];
  remove?: RemovedObject[];
  /** Deleted objects that can be restored for a time. */
  softDelete?: StoredObject[];
  /** The highest generation ever given, for when its object is gone. */
  generation?: number;
  pending?: PendingMessage[];
  published?: string[];
}

interface Shelf {
  bucket: StoredBucket;
  /** In listing order. */
  names: string[];
  /** Generations by name, oldest first. */
  generations: Map<string, StoredObject[]>;
  /** Oldest deletion first. */
  softDeleted: StoredObject[];
}

/** The state that a list of changes adds up to, arranged for look-ups and listings. */
export class ObjectIndex {
  readonly #shelves = new Map<string, Shelf>();
  readonly #pending = new Map<string, PendingMessage>();
  #lastGeneration = 0;

  get lastGeneration(): number {
    return this.#lastGeneration;
  }

  buckets(): StoredBucket[] {
    return [...this.#shelves.values()].map((shelf) => shelf.bucket);
  }

  hasBucket(name: string): boolean {
    return this.#shelves.has(name);
  }

  /** @throws StorageError 404 */
  shelf(bucket: string): Readonly<Shelf> {
    const shelf = this.#shelves.get(bucket);
    if (shelf === undefined) throw noSuchBucket();
    return shelf;
  }

  pendingMessages(): PendingMessage[] {
    return [...this.#pending.values()];
  }

  *everyObject(): Generator<StoredObject> {
    for (const shelf of this.#shelves.values()) {
      for (const generations of shelf.generations.values()) yield* generations;
      yield* shelf.softDeleted;
    }
  }

  /** The shortest list of changes that leads to this state. */
  *snapshot(): Generator<Change> {
    yield { generation: this.#lastGeneration };
    for (const bucket of this.buckets()) yield { bucket };
    for (const object of this.everyObject())
      yield object.softDeleteTime === undefined ? { put: [object] } : { softDelete: [object] };
    for (const message of this.#pending.values()) yield { pending: [message] };
  }

  apply(change: Change): void {
    const { bucket, put = [], remove = [], softDelete = [], generation = 0 } = change;
    if (bucket) this.#setBucket(bucket);
    for (const object of put) this.#put(object);
    for (const object of remove) this.#remove(object);
    for (const object of softDelete) this.shelf(object.bucket).softDeleted.push(object);
    if (change.removeBucket !== undefined) this.#shelves.delete(change.removeBucket);
    this.#lastGeneration = Math.max(this.#lastGeneration, generation);
    for (const message of change.pending ?? []) this.#pending.set(message.id, message);
    for (const id of change.published ?? []) this.#pending.delete(id);
  }

  #setBucket(bucket: StoredBucket): void {
    const known = this.#shelves.get(bucket.name);
    if (known) known.bucket = bucket;
    else this.#shelves.set(bucket.name, { bucket, names: [], generations: new Map(), softDeleted: [] });
  }

  #put(object: StoredObject): void {
    const { names, generations } = this.shelf(object.bucket);
    const known = generations.get(object.name);
    if (known === undefined) {
      names.splice(lowerBound(names, object.name), 0, object.name);
      generations.set(object.name, [object]);
    } else {
      const at = known.findIndex((candidate) => candidate.generation === object.generation);
      if (at < 0) known.push(object);
      else known[at] = object;
    }
    this.#lastGeneration = Math.max(this.#lastGeneration, object.generation);
  }

  #remove({ bucket, name, generation }: RemovedObject): void {
    const shelf = this.shelf(bucket);
    const { names, generations } = shelf;
    const softDeleted = shelf.softDeleted.findIndex(
      (one) => one.name === name && one.generation === generation,
    );
    if (softDeleted >= 0) return void shelf.softDeleted.splice(softDeleted, 1);
    const rest = (generations.get(name) ?? []).filter((candidate) => candidate.generation !== generation);
    if (rest.length > 0) generations.set(name, rest);
    else if (generations.delete(name)) names.splice(lowerBound(names, name), 1);
    this.#lastGeneration = Math.max(this.#lastGeneration, generation);
  }
}

/** Both changes in one journal line; archived generations come before the ones that replace them. */
export function joined(a: Change, b: Change): Change {
  const put = [...(b.put ?? []), ...(a.put ?? [])];
  const remove = [...(a.remove ?? []), ...(b.remove ?? [])];
  const softDelete = [...(a.softDelete ?? []), ...(b.softDelete ?? [])];
  return {
    ...(put.length > 0 ? { put } : {}),
    ...(remove.length > 0 ? { remove } : {}),
    ...(softDelete.length > 0 ? { softDelete } : {}),
  };
}

export const removalOf = ({ bucket, name, generation, contentId }: StoredObject): RemovedObject => ({
  bucket,
  name,
  generation,
  contentId,
});
