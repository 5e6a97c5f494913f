import { type BucketConfig, configOf } from './bucket-config.ts';
import { conditionNotMet, StorageError } from './errors.ts';
import type { Change, ObjectIndex } from './object-index.ts';
import { compareNames } from './object-names.ts';
import type { Preconditions } from './preconditions.ts';
import type { Notification, StoredBucket } from './resource.ts';

/** Buckets: what is set on them, who may use them, and where their events go. Every change is one journal line. */
export class BucketStore {
  readonly #index: ObjectIndex;
  readonly #commit: (change: Change) => void;

  constructor(index: ObjectIndex, commit: (change: Change) => void) {
    this.#index = index;
    this.#commit = commit;
  }

  /** In order of their names. */
  all(): StoredBucket[] {
    return this.#index.buckets().sort((a, b) => compareNames(a.name, b.name));
  }

  has(name: string): boolean {
    return this.#index.hasBucket(name);
  }

  /** @throws StorageError 404 */
  get(name: string): StoredBucket {
    return this.#index.shelf(name).bucket;
  }

  /** @throws StorageError 409 when the bucket exists. */
  create(name: string, config: BucketConfig = {}): StoredBucket {
    if (this.has(name)) {
      throw new StorageError(409, 'conflict', 'The bucket exists already, and you own it.');
    }
    const bucket = { name, timeCreated: new Date().toISOString(), config };
    this.#commit({ bucket });
    return bucket;
  }

  /** @throws StorageError 404, 412 */
  configure(
    name: string,
    conditions: Preconditions,
    edit: (config: BucketConfig) => BucketConfig,
  ): StoredBucket {
    const current = this.get(name);
    checkMetageneration(conditions, current);
    return this.#replace(current, { config: edit(configOf(current)) });
  }

  setPolicy(name: string, policy: NonNullable<StoredBucket['policy']>): StoredBucket {
    return this.#replace(this.get(name), { policy });
  }

  /** Keeps the metageneration: in production, too, notifications are no part of the bucket's own state. */
  setNotifications(name: string, notifications: readonly Notification[]): void {
    this.#commit({ bucket: { ...this.get(name), notifications } });
  }

  /** @throws StorageError 404, 412, and 409 while anything is in the bucket, older versions included */
  delete(name: string, conditions: Preconditions): void {
    const shelf = this.#index.shelf(name);
    checkMetageneration(conditions, shelf.bucket);
    if (shelf.names.length > 0) {
      throw new StorageError(
        409,
        'conflict',
        'The bucket you tried to delete is not empty: delete its objects first, older versions included.',
        { xmlCode: 'BucketNotEmpty' },
      );
    }
    const remove = [...shelf.softDeleted];
    this.#commit({ removeBucket: name, ...(remove.length > 0 ? { remove } : {}) });
  }

  #replace(current: StoredBucket, changes: Partial<StoredBucket>): StoredBucket {
    const bucket = {
      ...current,
      ...changes,
      metageneration: (current.metageneration ?? 1) + 1,
      updated: new Date().toISOString(),
    };
    this.#commit({ bucket });
    return bucket;
  }
}

function checkMetageneration(
  { metagenerationMatch, metagenerationNotMatch }: Preconditions,
  { metageneration = 1 }: StoredBucket,
): void {
  if (metagenerationMatch !== undefined && metagenerationMatch !== metageneration) throw conditionNotMet();
  if (metagenerationNotMatch === metageneration) throw conditionNotMet();
}
