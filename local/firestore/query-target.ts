import type { DocumentChange, Documents, StoredDocument } from './documents.ts';
import { matchesQuery, runQuery } from './query.ts';
import type { QueryPlan } from './query-plan.ts';

/** What happened to one document as seen by a listener's target. */
export type TargetEvent =
  | { readonly kind: 'changed'; readonly document: StoredDocument }
  | { readonly kind: 'removed'; readonly path: string };

/** The documents a listened-to query holds, kept up to date from commits without running it again. */
export class QueryTarget {
  readonly plan: QueryPlan;
  readonly #documents: Documents;
  #held: Map<string, StoredDocument>;
  /** Last document of a full window: all documents outside come after it. */
  #bound: StoredDocument | undefined;

  constructor(documents: Documents, plan: QueryPlan) {
    this.#documents = documents;
    this.plan = plan;
    this.#held = new Map();
  }

  start(): TargetEvent[] {
    return this.#hold(runQuery(this.#documents, this.plan));
  }

  update(changes: ReadonlyMap<string, DocumentChange>): TargetEvent[] {
    const relevant = [...changes.values()].filter((change) => this.#concerns(change));
    if (relevant.length === 0) return [];
    return this.plan.limit === Number.POSITIVE_INFINITY && this.plan.offset === 0
      ? this.#updateUnlimited(relevant)
      : this.#hold(this.#window(relevant));
  }

  #concerns({ path, after }: DocumentChange): boolean {
    return this.#held.has(path) || (after !== undefined && matchesQuery(this.plan, after));
  }

  #updateUnlimited(changes: readonly DocumentChange[]): TargetEvent[] {
    return changes.map(({ path, after }): TargetEvent => {
      if (after && matchesQuery(this.plan, after)) {
        this.#held.set(path, after);
        return { kind: 'changed', document: after };
      }
      this.#held.delete(path);
      return { kind: 'removed', path };
    });
  }

  /** The limited window after the changes; run again only when a document from outside may have moved in. */
  #window(changes: readonly DocumentChange[]): StoredDocument[] {
    const { plan } = this;
    if (plan.offset > 0) return runQuery(this.#documents, plan);
    const next = new Map(this.#held);
    for (const { path, after } of changes) {
      if (after && matchesQuery(plan, after)) next.set(path, after);
      else next.delete(path);
    }
    const window = [...next.values()].sort(plan.compare).slice(0, plan.limit);
    const last = window.at(-1);
    const isComplete =
      !this.#bound || (last && window.length === plan.limit && plan.compare(last, this.#bound) <= 0);
    return isComplete ? window : runQuery(this.#documents, plan);
  }

  #hold(result: readonly StoredDocument[]): TargetEvent[] {
    const before = this.#held;
    this.#held = new Map(result.map((document) => [document.path, document]));
    this.#bound = result.length >= this.plan.limit ? result.at(-1) : undefined;
    const removed = [...before.keys()].filter((path) => !this.#held.has(path));
    const changed = result.filter((document) => before.get(document.path) !== document);
    return [
      ...removed.map((path): TargetEvent => ({ kind: 'removed', path })),
      ...changed.map((document): TargetEvent => ({ kind: 'changed', document })),
    ];
  }
}

/** A target that names its documents. */
export class DocumentsTarget {
  readonly #documents: Documents;
  readonly #paths: readonly string[];

  constructor(documents: Documents, paths: readonly string[]) {
    this.#documents = documents;
    this.#paths = paths;
  }

  start(): TargetEvent[] {
    return this.#paths.map((path) => eventOf(path, this.#documents.get(path)));
  }

  update(changes: ReadonlyMap<string, DocumentChange>): TargetEvent[] {
    return this.#paths.flatMap((path) => {
      const change = changes.get(path);
      return change ? [eventOf(path, change.after)] : [];
    });
  }
}

function eventOf(path: string, document: StoredDocument | undefined): TargetEvent {
  return document ? { kind: 'changed', document } : { kind: 'removed', path };
}
