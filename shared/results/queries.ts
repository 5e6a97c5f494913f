/** One query that production runs, without its values: Terraform's composite indexes are derived from these. */
export interface QueryShape {
  collection: 'results';
  where: readonly { field: string; op: '==' | 'in' }[];
  orderBy: readonly { field: string; direction: 'asc' | 'desc' }[];
}

/** `__name__` makes the order total, so that a page never skips or repeats one of several made in the same millisecond. */
const NEWEST_FIRST = [
  { field: 'createdAt', direction: 'desc' },
  { field: '__name__', direction: 'desc' },
] as const;

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
  lastChanged: { collection: 'results', where: [], orderBy: [{ field: 'updatedAt', direction: 'desc' }] },
} as const satisfies Record<string, QueryShape>;
