import { noSuchBucket } from './errors.ts';
import type { PendingMessage } from './notifications.ts';
import { lowerBound } from './object-names.ts';
import type { StoredBucket, StoredObject } from './resource.ts';

export type RemovedObject = Pick<StoredObject, 'bucket' | 'name' | 'generation' | 'contentId'>;

/** One atomic step of the state; the journal is the list of them. */
export interface Change {
  bucket?: StoredBucket;
  /** New generations, or new metadata of known ones. */
  put?: StoredObject[];
  remove?: RemovedObject[];
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
    }
  }

  /** The shortest list of changes that leads to this state. */
  *snapshot(): Generator<Change> {
    yield { generation: this.#lastGeneration };
    for (const bucket of this.buckets()) yield { bucket };
    for (const object of this.everyObject()) yield { put: [object] };
    for (const message of this.#pending.values()) yield { pending: [message] };
  }

  apply({ bucket, put = [], remove = [], generation = 0, pending = [], published = [] }: Change): void {
    if (bucket) this.#shelves.set(bucket.name, { bucket, names: [], generations: new Map() });
    for (const object of put) this.#put(object);
    for (const object of remove) this.#remove(object);
    this.#lastGeneration = Math.max(this.#lastGeneration, generation);
    for (const message of pending) this.#pending.set(message.id, message);
    for (const id of published) this.#pending.delete(id);
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
    const { names, generations } = this.shelf(bucket);
    const rest = (generations.get(name) ?? []).filter((candidate) => candidate.generation !== generation);
    if (rest.length > 0) generations.set(name, rest);
    else if (generations.delete(name)) names.splice(lowerBound(names, name), 1);
    this.#lastGeneration = Math.max(this.#lastGeneration, generation);
  }
}
