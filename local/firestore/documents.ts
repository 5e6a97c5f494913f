import { lastSegment, parentOf } from './names.ts';
import type { MapValue } from './values.ts';

/** A version of a document; replaced, never changed. Times in microseconds since 1970. */
export interface StoredDocument {
  /** Relative to the database: `results/abc`. */
  readonly path: string;
  readonly fields: MapValue;
  readonly createTime: number;
  readonly updateTime: number;
}

/** What one commit did to one document; `undefined` means that it does not exist. */
export interface DocumentChange {
  readonly path: string;
  readonly before: StoredDocument | undefined;
  readonly after: StoredDocument | undefined;
}

type Collection = ReadonlyMap<string, StoredDocument>;

/** The documents of one database, by collection and by collection group. */
export class Documents {
  /** `projects/p/databases/d` */
  readonly database: string;
  readonly #collections = new Map<string, Map<string, StoredDocument>>();
  readonly #groups = new Map<string, Set<string>>();

  constructor(database: string) {
    this.database = database;
  }

  get(path: string): StoredDocument | undefined {
    return this.#collections.get(parentOf(path))?.get(path);
  }

  put(document: StoredDocument): void {
    const collectionPath = parentOf(document.path);
    let collection = this.#collections.get(collectionPath);
    if (!collection) {
      collection = new Map();
      this.#collections.set(collectionPath, collection);
      this.#group(lastSegment(collectionPath)).add(collectionPath);
    }
    collection.set(document.path, document);
  }

  delete(path: string): void {
    const collectionPath = parentOf(path);
    const collection = this.#collections.get(collectionPath);
    if (!collection?.delete(path) || collection.size > 0) return;
    this.#collections.delete(collectionPath);
    this.#group(lastSegment(collectionPath)).delete(collectionPath);
  }

  apply(changes: readonly DocumentChange[]): void {
    for (const { path, after } of changes) {
      if (after) this.put(after);
      else this.delete(path);
    }
  }

  collection(path: string): Collection | undefined {
    return this.#collections.get(path);
  }

  /** Paths of all collections with this id, or of all collections when it is ''. */
  collectionPaths(collectionId = ''): Iterable<string> {
    return collectionId === '' ? this.#collections.keys() : this.#group(collectionId);
  }

  count(): number {
    let count = 0;
    for (const collection of this.#collections.values()) count += collection.size;
    return count;
  }

  *all(): Generator<StoredDocument> {
    for (const collection of this.#collections.values()) yield* collection.values();
  }

  #group(collectionId: string): Set<string> {
    let group = this.#groups.get(collectionId);
    if (!group) {
      group = new Set();
      this.#groups.set(collectionId, group);
    }
    return group;
  }
}
