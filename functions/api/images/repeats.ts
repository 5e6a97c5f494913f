import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Documents, Patch, Version } from '../../../shared/cloud/firestore/documents.ts';
import { Problem } from '../problem.ts';

/** How long a key is remembered, in milliseconds. */
const KEPT_MS = 24 * 3_600_000;

const MAX_TRIES = 5;

const record = z.object({
  /** Hash of everything but the picture's bytes. */
  request: z.string(),
  /** Of the object. */
  name: z.string(),
  /** Of the stored bytes, base64; absent until they are known to be stored. */
  md5: z.string().optional(),
  expireAt: z.date(),
});

interface Submit {
  /** Whose key it is: keys of two callers never meet. */
  caller: string;
  key: string;
  /** Place of the file in its form, from 0. */
  index: number;
  /** Everything that makes it this request and no other, apart from the picture's bytes. */
  facts: readonly unknown[];
  /** Where the picture goes if the key is new. */
  name: string;
}

export interface RepeatEntry {
  /** `new`: seen for the first time. `begun`: seen, and perhaps stored. `stored`: with these bytes. */
  state: { kind: 'new' | 'begun' } | { kind: 'stored'; md5: string };
  name: string;
  path: string;
}

/**
 * What was submitted under an Idempotency-Key: `idempotency/{hash}`. The record fixes the object's name before anything is
 * stored, and the object is only ever created under it, never replaced. So whatever happens at the same time or breaks
 * off in between, one key makes one object:
 *
 *   record with name ── create the object ── note its MD5
 *        │ crash here: a repetition finds no object and creates it
 *                              │ crash here: a repetition finds the object and compares its MD5
 */
export class Repeats {
  readonly #documents: Pick<Documents, 'create' | 'get' | 'compareAndSet' | 'merge'>;

  constructor(documents: Pick<Documents, 'create' | 'get' | 'compareAndSet' | 'merge'>) {
    this.#documents = documents;
  }

  /** Throws KEY_REUSED when the key belongs to another request. */
  async open(submit: Submit): Promise<RepeatEntry> {
    const path = pathOf(submit);
    const request = hash(JSON.stringify(submit.facts));
    const fresh = { request, name: submit.name, expireAt: new Date(Date.now() + KEPT_MS) };
    for (let i = 0; i < MAX_TRIES; i += 1) {
      if ((await this.#documents.create(path, fresh)) !== 'exists')
        return { state: { kind: 'new' }, name: submit.name, path };
      const stored = await this.#documents.get(path);
      const known = record.safeParse(stored?.data);
      if (stored && (!known.success || known.data.expireAt.getTime() <= Date.now())) {
        if (await this.#replace(path, fresh, stored.version))
          return { state: { kind: 'new' }, name: submit.name, path };
        continue;
      }
      if (!known.success) continue;
      if (known.data.request !== request) throw keyReused();
      const { name, md5 } = known.data;
      return { state: md5 === undefined ? { kind: 'begun' } : { kind: 'stored', md5 }, name, path };
    }
    throw keyInUse();
  }

  async stored({ path }: RepeatEntry, md5: string): Promise<void> {
    await this.#documents.merge(path, { md5 });
  }

  async #replace(path: string, fresh: Patch, version: Version): Promise<boolean> {
    return (await this.#documents.compareAndSet(path, { ...fresh, md5: undefined }, version)) !== 'stale';
  }
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

const pathOf = ({ caller, key, index }: Submit): string =>
  `idempotency/${hash(JSON.stringify([caller, key, index])).slice(0, 40)}`;

export const keyReused = (): Problem =>
  new Problem(
    'KEY_REUSED',
    'This Idempotency-Key was used for another picture or with other settings.',
    'Use a new key for a new request; repeat an old one unchanged.',
  );

export const keyInUse = (): Problem =>
  new Problem(
    'KEY_IN_USE',
    'The same picture is being stored under this Idempotency-Key right now.',
    'Repeat the request in a second.',
    {},
    { retryAfterSeconds: 1 },
  );
