interface FilterShape {
  field: string;
  op: '==' | 'in' | '<=' | '>=' | 'array-contains-any';
}

/** One query that production runs, without its values: Terraform's composite indexes are derived from these. */
export interface QueryShape {
  collection: 'results';
  where: readonly FilterShape[];
  orderBy: readonly { field: string; direction: 'asc' | 'desc' }[];
}

/** `__name__` makes the order total, so that a page never skips or repeats one of several made in the same millisecond. */
const NEWEST_FIRST = [
  { field: 'createdAt', direction: 'desc' },
  { field: '__name__', direction: 'desc' },
] as const;

const BY_NAME = { field: '__name__', direction: 'asc' } as const;

/** What a list of results can be narrowed by, in any combination. */
export const LIST_FILTERS = {
  profile: { field: 'profile', op: '==' },
  status: { field: 'status', op: 'in' },
  uploader: { field: 'source.uploader', op: '==' },
  from: { field: 'createdAt', op: '>=' },
} as const satisfies Record<string, FilterShape>;

export type ListFilter = keyof typeof LIST_FILTERS;

/** A list narrowed by these, newest first. */
export const listQuery = (filters: readonly ListFilter[]): QueryShape => ({
  collection: 'results',
  where: filters.map((filter) => LIST_FILTERS[filter]),
  orderBy: NEWEST_FIRST,
});

const combinations = <T>([first, ...others]: readonly T[]): T[][] =>
  first === undefined ? [[]] : combinations(others).flatMap((set) => [set, [first, ...set]]);

/** Every list that can be asked for; `npm run build:terraform` reads it by its name. */
export const LIST_QUERIES: readonly QueryShape[] = combinations(
  Object.keys(LIST_FILTERS) as ListFilter[],
).map(listQuery);

/** What the answers that wait for a person can be narrowed by, in any combination. */
export type ReviewFilter = 'profile' | 'uploader';

/** Answers that wait for a person, the longest waiting first. */
export const reviewQuery = (filters: readonly ReviewFilter[]): QueryShape => ({
  collection: 'results',
  where: [...filters.map((filter) => LIST_FILTERS[filter]), { field: 'review.dueAt', op: '<=' }],
  orderBy: [{ field: 'review.dueAt', direction: 'asc' }, BY_NAME],
});

/** Each of them; `npm run build:terraform` reads it by its name. */
export const REVIEW_QUERIES: readonly QueryShape[] = combinations<ReviewFilter>(['profile', 'uploader']).map(
  reviewQuery,
);

/** Every other query on the result documents. */
export const RESULT_QUERIES = {
  newest: { collection: 'results', where: [], orderBy: NEWEST_FIRST },
  ofStatus: { collection: 'results', where: [{ field: 'status', op: '==' }], orderBy: [] },
  /** Equalities alone: Firestore merges the indexes of single fields. */
  ofStatusAndUploader: {
    collection: 'results',
    where: [
      { field: 'status', op: '==' },
      { field: 'source.uploader', op: '==' },
    ],
    orderBy: [],
  },
  /** Answers that a person judged; equalities alone, as above. */
  judged: {
    collection: 'results',
    where: [
      { field: 'profile', op: '==' },
      { field: 'profileVersion', op: '==' },
      { field: 'feedback.verdict', op: '==' },
    ],
    orderBy: [],
  },
  /** Pictures that a version of a profile is asked of; equalities alone, as above. */
  askedBy: {
    collection: 'results',
    where: [
      { field: 'profile', op: '==' },
      { field: 'profileVersion', op: '==' },
      { field: 'status', op: 'in' },
    ],
    orderBy: [],
  },
  /** What the sweep takes up, the longest overdue first. */
  due: {
    collection: 'results',
    where: [{ field: 'dueAt', op: '<=' }],
    orderBy: [{ field: 'dueAt', direction: 'asc' }, BY_NAME],
  },
  /** Webhooks whose next attempt is due, the longest overdue first. */
  webhooksDue: {
    collection: 'results',
    where: [{ field: 'webhook.dueAt', op: '<=' }],
    orderBy: [{ field: 'webhook.dueAt', direction: 'asc' }, BY_NAME],
  },
  /** Pictures that wait for a batch job, the one that waits longest first. */
  waitingForBatch: {
    collection: 'results',
    where: [{ field: 'batch.waitingSince', op: '<=' }],
    orderBy: [{ field: 'batch.waitingSince', direction: 'asc' }, BY_NAME],
  },
  /** Those of one group. */
  ofBatchGroup: { collection: 'results', where: [{ field: 'batch.group', op: '==' }], orderBy: [BY_NAME] },
  /** Those that a batch job has not settled. */
  ofBatchJob: { collection: 'results', where: [{ field: 'batch.job', op: '==' }], orderBy: [BY_NAME] },
  changedSince: {
    collection: 'results',
    where: [{ field: 'updatedAt', op: '>=' }],
    orderBy: [{ field: 'updatedAt', direction: 'desc' }],
  },
  /** Pictures that share a piece of their likeness. */
  alike: {
    collection: 'results',
    where: [{ field: 'prepared.likeness.bands', op: 'array-contains-any' }],
    orderBy: [],
  },
  ofFailure: { collection: 'results', where: [{ field: 'failure.code', op: '==' }], orderBy: [BY_NAME] },
  lastChanged: { collection: 'results', where: [], orderBy: [{ field: 'updatedAt', direction: 'desc' }] },
} as const satisfies Record<string, QueryShape>;
