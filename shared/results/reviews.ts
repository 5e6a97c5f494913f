import type { Documents, Filter, Patch } from '../cloud/firestore/documents.ts';
import { resultDocument } from './document.ts';
import { documentPath } from './id.ts';
import { type ReviewFilter, reviewQuery } from './queries.ts';
import type { StoredResult } from './reading.ts';

/** Whose and which answers are looked at. */
type ReviewScope = Partial<Record<ReviewFilter, string | undefined>>;

/** An answer that one person looks at until then; nobody else is offered it meanwhile. */
interface ReviewTurn extends StoredResult {
  heldUntil: Date;
}

/** Long enough for an answer with dozens of rows, short enough for a tab that was closed. Milliseconds. */
const HOLD_MS = 600_000;

/** So many are looked at for one that can be taken: others may be quicker, and what is replayed has no answer yet. */
const LOOKED_AT = 20;
const ROUNDS = 5;

const END_OF_TIME = new Date('9999-01-01T00:00:00Z');

/** The answers that wait for a person, each offered to one at a time. */
export class Reviews {
  readonly #documents: Documents;

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  /** How many wait, those that somebody looks at included. */
  count(scope: ReviewScope): Promise<number> {
    const { collection, where } = queryFor(scope, END_OF_TIME);
    return this.#documents.count(collection, where);
  }

  /** Those that wait, the longest waiting first. */
  async waiting(scope: ReviewScope, limit: number): Promise<StoredResult[]> {
    return (await this.#read(scope, END_OF_TIME, limit)).map(({ id, document }) => ({ id, document }));
  }

  /** The longest waiting answer, for this person alone; undefined when nothing waits. */
  async take(scope: ReviewScope, by: string | null): Promise<ReviewTurn | undefined> {
    for (let round = 0; round < ROUNDS; round += 1) {
      const now = Date.now();
      const found = await this.#read(scope, new Date(now), LOOKED_AT);
      const ready = found.filter(({ document }) => document.status === 'completed' && document.answer);
      if (ready.length === 0) return undefined;
      for (const { id, document, version } of ready) {
        const heldUntil = new Date(now + HOLD_MS);
        const change = { 'review.dueAt': heldUntil, 'review.heldBy': by, updatedAt: new Date(now) };
        const written = await this.#documents.compareAndSet(documentPath(id), change, version);
        if (written === 'stale' || !document.review) continue;
        const review = { ...document.review, dueAt: heldUntil, heldBy: by };
        return { id, document: { ...document, review }, heldUntil };
      }
    }
    return undefined;
  }

  /**
   * Gives back what was not judged: `release` to the head of the queue, `skip` to its end. Nothing happens where it was
   * judged since or somebody else holds it.
   */
  async pass(id: string, by: string | null, how: 'release' | 'skip'): Promise<void> {
    for (;;) {
      const stored = await this.#documents.get(documentPath(id));
      const document = stored && resultDocument.safeParse(stored.data).data;
      if (!stored || document?.review?.heldBy !== by) return;
      const change: Patch = {
        'review.dueAt': how === 'skip' ? new Date(Date.now()) : document.createdAt,
        'review.heldBy': undefined,
        updatedAt: new Date(Date.now()),
      };
      if ((await this.#documents.compareAndSet(documentPath(id), change, stored.version)) !== 'stale') return;
    }
  }

  async #read(scope: ReviewScope, until: Date, limit: number) {
    const { collection, where, orderBy } = queryFor(scope, until);
    const stored = await this.#documents.query(collection, { where, orderBy, limit });
    return stored.flatMap(({ id, data, version }) => {
      const document = resultDocument.safeParse(data).data;
      return document ? [{ id, document, version }] : [];
    });
  }
}

function queryFor(scope: ReviewScope, until: Date) {
  const filters = (['profile', 'uploader'] as const).filter((name) => scope[name] !== undefined);
  const { collection, where, orderBy } = reviewQuery(filters);
  const values = [...filters.map((name) => scope[name]), until];
  return { collection, orderBy, where: where.map((filter, i): Filter => ({ ...filter, value: values[i] })) };
}
