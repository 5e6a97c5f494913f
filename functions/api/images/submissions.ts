import { z } from 'zod';
import type { Documents } from '../../../shared/cloud/firestore/documents.ts';
import type { Buckets } from '../../../shared/cloud/storage/buckets.ts';
import type { StoredObject } from '../../../shared/cloud/storage/object.ts';
import type { PendingResult } from '../../../shared/results/api/result.ts';
import { covers, type PictureScope } from '../http/scope.ts';

/** Longer than any picture waits for its first look, in milliseconds. */
const KEPT_MS = 24 * 3_600_000;

const submission = z.object({ name: z.string() });

/**
 * Which object an id stands for, from the moment the id is given out until there is a result: `submissions/{id}`. An id
 * is a hash, so without this nobody could tell a picture that waits from one that never was.
 */
export class Submissions {
  readonly #documents: Pick<Documents, 'get' | 'merge'>;
  readonly #buckets: Pick<Buckets, 'find'>;
  readonly #bucket: string;

  constructor(documents: Pick<Documents, 'get' | 'merge'>, buckets: Pick<Buckets, 'find'>, bucket: string) {
    this.#documents = documents;
    this.#buckets = buckets;
    this.#bucket = bucket;
  }

  async remember(id: string, name: string): Promise<void> {
    await this.#documents.merge(`submissions/${id}`, { name, expireAt: new Date(Date.now() + KEPT_MS) });
  }

  /** The object itself, if the id was given out, the picture is there and the caller may see it. */
  async find(id: string, scope: PictureScope): Promise<StoredObject | undefined> {
    const known = submission.safeParse((await this.#documents.get(`submissions/${id}`))?.data);
    if (!known.success) return undefined;
    const object = await this.#buckets.find({ bucket: this.#bucket, name: known.data.name });
    return object && covers(scope, object.metadata['uploader']) ? object : undefined;
  }
}

export const pendingOf = (id: string, { ref }: StoredObject): PendingResult => ({
  id,
  status: 'queued',
  stage: 'uploaded',
  name: ref.name,
});
