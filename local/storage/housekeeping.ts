import { configOf } from './bucket-config.ts';
import type { Service } from './call.ts';
import { StorageError } from './errors.ts';
import { abortUploadsAfterDays, type Lifecycle, lifecycleAction } from './lifecycle.ts';
import type { StoredBucket } from './resource.ts';
import type { StoredObject } from './stored-object.ts';

const DAY_MS = 86_400_000;

/** Applies every bucket's lifecycle rules and removes for good what was soft-deleted long enough ago. */
export async function keepHouse({ store, multiparts }: Service, nowMs: number): Promise<void> {
  for (const bucket of store.buckets.all()) {
    store.purge(
      store.softDeleted(bucket.name).filter(({ hardDeleteTime = '' }) => Date.parse(hardDeleteTime) <= nowMs),
    );
    const { lifecycle } = configOf(bucket);
    if (lifecycle) applyRules(store, bucket, lifecycle, nowMs);
    await abortOldUploads(multiparts, bucket, abortUploadsAfterDays(lifecycle), nowMs);
  }
}

function applyRules(
  store: Service['store'],
  { name: bucket }: StoredBucket,
  rules: Lifecycle,
  nowMs: number,
): void {
  for (const name of [...store.names(bucket)]) {
    const generations = [...store.generations(bucket, name)];
    for (const [index, object] of generations.entries()) {
      const next = generations[index + 1];
      const candidate = {
        object,
        newerVersions: generations.length - 1 - index,
        noncurrentSince: object.timeDeleted ?? next?.timeCreated,
      };
      const action = lifecycleAction(rules, candidate, nowMs);
      if (action !== undefined) unlessHeld(() => apply(store, object, action));
    }
  }
}

function apply(
  store: Service['store'],
  object: StoredObject,
  action: NonNullable<ReturnType<typeof lifecycleAction>>,
): void {
  const { bucket, name, generation, timeDeleted } = object;
  // A live object is deleted without its generation, so that a bucket with versions archives it.
  const address = timeDeleted === undefined ? { bucket, name } : { bucket, name, generation };
  if (action.type === 'delete') store.delete(address, { generationMatch: generation });
  else {
    const { storageClass } = action;
    store.update({ bucket, name, generation }, {}, (fields) => ({ ...fields, storageClass }));
  }
}

/** A hold outlasts a rule, as in production. */
function unlessHeld(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof StorageError && error.status === 403)) throw error;
  }
}

async function abortOldUploads(
  multiparts: Service['multiparts'],
  { name }: StoredBucket,
  days: number | undefined,
  nowMs: number,
): Promise<void> {
  if (days === undefined) return;
  const old = multiparts.of(name).filter(({ startedAt }) => Date.parse(startedAt) + days * DAY_MS <= nowMs);
  for (const upload of old) await multiparts.abort(upload);
}
