/** One query that production runs, without its values: Terraform's composite indexes are derived from these. */
export interface QueryShape {
  collection: 'results';
  where: readonly { field: string; op: '==' | 'in' | '<=' | '>=' }[];
  orderBy: readonly { field: string; direction: 'asc' | 'desc' }[];
}

/** `__name__` makes the order total, so that a page never skips or repeats one of several made in the same millisecond. */
const NEWEST_FIRST = [
  { field: 'createdAt', direction: 'desc' },
  { field: '__name__', direction: 'desc' },
] as const;

const BY_NAME = { field: '__name__', direction: 'asc' } as const;

const OF_PROFILE = { field: 'profile', op: '==' } as const;
const OF_STATUS = { field: 'status', op: 'in' } as const;

/** Every query on the result documents. */
export const RESULT_QUERIES = {
  newest: { collection: 'results', where: [], orderBy: NEWEST_FIRST },
  newestOfProfile: { collection: 'results', where: [OF_PROFILE], orderBy: NEWEST_FIRST },
  newestOfStatus: { collection: 'results', where: [OF_STATUS], orderBy: NEWEST_FIRST },
  newestOfProfileAndStatus: {
    collection: 'results',
    where: [OF_PROFILE, OF_STATUS],
    orderBy: NEWEST_FIRST,
  },
  /** What the sweep takes up, the longest overdue first. */
  due: {
    collection: 'results',
    where: [{ field: 'dueAt', op: '<=' }],
    orderBy: [{ field: 'dueAt', direction: 'asc' }, BY_NAME],
  },
  changedSince: {
    collection: 'results',
    where: [{ field: 'updatedAt', op: '>=' }],
    orderBy: [{ field: 'updatedAt', direction: 'desc' }],
  },
  ofFailure: { collection: 'results', where: [{ field: 'failure.code', op: '==' }], orderBy: [BY_NAME] },
  lastChanged: { collection: 'results', where: [], orderBy: [{ field: 'updatedAt', direction: 'desc' }] },
} as const satisfies Record<string, QueryShape>;
