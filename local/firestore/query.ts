import type { Documents, StoredDocument } from './documents.ts';
import { parentOf } from './names.ts';
import type { QueryPlan } from './query-plan.ts';

/** The documents of the query, in its order, from `offset` and at most `limit`. */
export function runQuery(documents: Documents, plan: QueryPlan): StoredDocument[] {
  const wanted = plan.offset + plan.limit;
  return firstSorted(candidates(documents, plan), plan, wanted).slice(plan.offset);
}

/** The documents of the query in any order: what counting and summing up needs. */
export function findUnsorted(documents: Documents, plan: QueryPlan): StoredDocument[] {
  if (plan.offset > 0 || plan.limit !== Number.POSITIVE_INFINITY) return runQuery(documents, plan);
  return [...candidates(documents, plan)].flatMap((group) => [...group].filter(plan.accepts));
}

/** Whether a document belongs to the query, leaving limit and offset aside. */
export function matchesQuery(plan: QueryPlan, document: StoredDocument): boolean {
  return isInScope(plan, parentOf(document.path)) && plan.accepts(document);
}

function isInScope(plan: QueryPlan, collectionPath: string): boolean {
  const prefix = plan.parent === '' ? '' : `${plan.parent}/`;
  if (!plan.allDescendants) return collectionPath === prefix + plan.collectionId;
  const { collectionId } = plan;
  if (
    collectionId !== '' &&
    collectionPath !== collectionId &&
    !collectionPath.endsWith(`/${collectionId}`)
  ) {
    return false;
  }
  return collectionPath.startsWith(prefix);
}

function* candidates(documents: Documents, plan: QueryPlan): Generator<Iterable<StoredDocument>> {
  if (!plan.allDescendants) {
    const path = plan.parent === '' ? plan.collectionId : `${plan.parent}/${plan.collectionId}`;
    yield documents.collection(path)?.values() ?? [];
    return;
  }
  for (const path of documents.collectionPaths(plan.collectionId)) {
    if (isInScope(plan, path)) yield documents.collection(path)?.values() ?? [];
  }
}

/**
 * The first `count` matches in order without sorting all of them: a buffer of twice the size is cut back
 * whenever it is full, and from then on whatever lies behind its last entry is dropped unsorted.
 */
function firstSorted(groups: Iterable<Iterable<StoredDocument>>, plan: QueryPlan, count: number) {
  const capacity = 2 * count + 64;
  let kept: StoredDocument[] = [];
  let bound: StoredDocument | undefined;
  for (const group of groups) {
    for (const document of group) {
      if (!plan.accepts(document) || (bound && plan.compare(document, bound) > 0)) continue;
      kept.push(document);
      if (kept.length < capacity) continue;
      kept = kept.sort(plan.compare).slice(0, count);
      bound = kept.at(-1);
    }
  }
  return kept.sort(plan.compare).slice(0, count);
}
