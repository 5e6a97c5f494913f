import { failedPrecondition } from '../rpc/status.ts';
import { disjuncts, type FieldFilter, isInequality } from './filters.ts';
import { NAME_FIELD } from './match.ts';
import type { Order, QueryPlan } from './query-plan.ts';

interface IndexField {
  fieldPath: string;
  order?: 'ASCENDING' | 'DESCENDING';
  arrayConfig?: 'CONTAINS';
}

/** An index as Terraform's `google_firestore_index` declares it; `__name__` at the end may be left out. */
export interface CompositeIndex {
  collectionGroup: string;
  /** COLLECTION by default. */
  queryScope?: 'COLLECTION' | 'COLLECTION_GROUP';
  fields: IndexField[];
}

/** What an index must offer: the equality fields in any order, then the ordered ones, all or none reversed. */
interface Needed {
  equalities: IndexField[];
  ordered: IndexField[];
}

/**
 * Throws FAILED_PRECONDITION, naming the index, for a query that production would reject. Single-field
 * indexes exist automatically, for single collections only.
 * https://firebase.google.com/docs/firestore/query-data/index-overview
 */
export function requireIndex(plan: QueryPlan, indexes: readonly CompositeIndex[], aggregated: string[] = []) {
  for (const branch of disjuncts(plan.filter)) {
    const needed = neededFor(branch, plan.orders, aggregated);
    if (isAutomatic(plan, needed) || isCovered(plan, needed, indexes)) continue;
    throw failedPrecondition(
      `The query requires an index: collection group "${plan.collectionId}", ` +
        `query scope ${scopeOf(plan)}, fields ${describe(needed)}. Define it where the database is defined.`,
    );
  }
}

const scopeOf = (plan: QueryPlan) => (plan.allDescendants ? 'COLLECTION_GROUP' : 'COLLECTION');

function neededFor(branch: FieldFilter[], orders: readonly Order[], aggregated: string[]): Needed {
  const equalities = new Map<string, IndexField>();
  for (const { fieldPath, op } of branch) {
    if (fieldPath === NAME_FIELD || isInequality(op)) continue;
    const isArray = op === 'ARRAY_CONTAINS' || op === 'ARRAY_CONTAINS_ANY';
    equalities.set(
      fieldPath,
      isArray ? { fieldPath, arrayConfig: 'CONTAINS' } : { fieldPath, order: 'ASCENDING' },
    );
  }
  const isFixed = (fieldPath: string) => equalities.get(fieldPath)?.order !== undefined;
  const ordered = orders.filter(({ fieldPath }) => !isFixed(fieldPath)).map(toIndexField);
  for (const fieldPath of aggregated) {
    const known = equalities.has(fieldPath) || ordered.some((field) => field.fieldPath === fieldPath);
    if (!known) ordered.splice(-1, 0, { fieldPath, order: 'ASCENDING' });
  }
  return { equalities: [...equalities.values()], ordered: withoutImpliedName(ordered) };
}

const toIndexField = ({ fieldPath, descending }: Order): IndexField => ({
  fieldPath,
  order: descending ? 'DESCENDING' : 'ASCENDING',
});

/** Every index ends in `__name__`, in the direction of its last field. */
function withoutImpliedName(fields: IndexField[]): IndexField[] {
  const last = fields.at(-1);
  if (last?.fieldPath !== NAME_FIELD) return fields;
  const direction = fields.at(-2)?.order ?? 'ASCENDING';
  return direction === last.order ? fields.slice(0, -1) : fields;
}

function isAutomatic(plan: QueryPlan, { equalities, ordered }: Needed): boolean {
  if (plan.allDescendants) return equalities.length + ordered.length === 0;
  // Equalities alone are answered by merging the single-field indexes, which can be read backwards, but
  // "Firestore does not support descending key scans" over a collection as a whole.
  const [first, second] = ordered;
  if (second) return false;
  const onlyNames = first === undefined || first.fieldPath === NAME_FIELD;
  return equalities.length === 0 ? first === undefined || !onlyNames : onlyNames;
}

function isCovered(plan: QueryPlan, needed: Needed, indexes: readonly CompositeIndex[]): boolean {
  const usable = indexes
    .filter(
      (index) =>
        index.collectionGroup === plan.collectionId && (index.queryScope ?? 'COLLECTION') === scopeOf(plan),
    )
    .map((index) => withoutImpliedName(index.fields))
    .filter((fields) => isUsable(fields, needed));
  // Several indexes with the same order may be merged, each contributing some of the equalities.
  if (usable.length === 0) return false;
  return needed.equalities.every((field) =>
    usable.some((fields) => fields.some((f) => isSameEquality(f, field))),
  );
}

function isUsable(fields: IndexField[], { equalities, ordered }: Needed): boolean {
  const prefix = fields.slice(0, fields.length - ordered.length);
  const suffix = fields.slice(prefix.length);
  if (suffix.length !== ordered.length) return false;
  if (!prefix.every((field) => equalities.some((equality) => isSameEquality(field, equality)))) return false;
  const matches = (reversed: boolean) =>
    suffix.every((field, i) => {
      const wanted = ordered[i];
      if (field.fieldPath !== wanted?.fieldPath || field.arrayConfig) return false;
      return (field.order === wanted.order) !== reversed;
    });
  return matches(false) || matches(true);
}

function isSameEquality(a: IndexField, b: IndexField): boolean {
  return a.fieldPath === b.fieldPath && a.arrayConfig === b.arrayConfig;
}

function describe({ equalities, ordered }: Needed): string {
  return [...equalities, ...ordered].map((f) => `${f.fieldPath} ${f.arrayConfig ?? f.order}`).join(', ');
}
