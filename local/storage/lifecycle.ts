import { invalid, notImplemented } from './errors.ts';
import { checkStorageClass } from './storage-classes.ts';
import type { StoredObject } from './stored-object.ts';

/** The `lifecycle` of a bucket resource. */
export interface Lifecycle {
  rule: LifecycleRule[];
}

interface LifecycleRule {
  action: { type: string; storageClass?: string };
  condition: Record<string, unknown>;
}

const DAY_MS = 86_400_000;
const ACTIONS = new Set(['Delete', 'SetStorageClass', 'AbortIncompleteMultipartUpload']);

/** One generation of an object and its place among the others of its name. */
interface Candidate {
  object: StoredObject;
  newerVersions: number;
  /** When the next newer version, or the delete, made it noncurrent. */
  noncurrentSince: string | undefined;
}

type Test = (candidate: Candidate, value: unknown, nowMs: number) => boolean;

const before = (time: string | undefined, limitMs: number): boolean =>
  time !== undefined && Date.parse(time) < limitMs;
const olderThan = (time: string | undefined, days: unknown, nowMs: number): boolean =>
  time !== undefined && Date.parse(time) + Number(days) * DAY_MS <= nowMs;
const anyOf = (values: unknown, test: (value: string) => boolean): boolean =>
  Array.isArray(values) && values.some((value) => test(String(value)));

/** https://cloud.google.com/storage/docs/lifecycle#conditions */
const CONDITIONS: Readonly<Record<string, Test>> = {
  age: ({ object }, days, nowMs) => olderThan(object.timeCreated, days, nowMs),
  createdBefore: ({ object }, date) => before(object.timeCreated, Date.parse(String(date))),
  isLive: ({ object }, live) => (object.timeDeleted === undefined) === live,
  numNewerVersions: ({ newerVersions }, count) => newerVersions >= Number(count),
  matchesPrefix: ({ object }, values) => anyOf(values, (value) => object.name.startsWith(value)),
  matchesSuffix: ({ object }, values) => anyOf(values, (value) => object.name.endsWith(value)),
  matchesStorageClass: ({ object }, values) =>
    anyOf(values, (value) => value === (object.fields.storageClass ?? 'STANDARD')),
  customTimeBefore: ({ object }, date) => before(object.fields.customTime, Date.parse(String(date))),
  daysSinceCustomTime: ({ object }, days, nowMs) => olderThan(object.fields.customTime, days, nowMs),
  daysSinceNoncurrentTime: ({ noncurrentSince }, days, nowMs) => olderThan(noncurrentSince, days, nowMs),
  noncurrentTimeBefore: ({ noncurrentSince }, date) => before(noncurrentSince, Date.parse(String(date))),
};

/** @throws StorageError 400, or 501 for a condition that would never be looked at here */
export function checkLifecycle(value: unknown): Lifecycle {
  const rules = (value as { rule?: unknown }).rule ?? [];
  if (!Array.isArray(rules)) throw invalid('lifecycle.rule must be a list.', 'lifecycle');
  return { rule: rules.map(checkRule) };
}

function checkRule(rule: Partial<LifecycleRule>): LifecycleRule {
  const { action, condition = {} } = rule;
  if (action === undefined || !ACTIONS.has(action.type)) {
    throw invalid(
      'A lifecycle rule needs an action of Delete, SetStorageClass or AbortIncompleteMultipartUpload.',
    );
  }
  if (action.type === 'SetStorageClass') checkStorageClass(action.storageClass);
  if (Object.keys(condition).length === 0) throw invalid('A lifecycle rule needs at least one condition.');
  for (const name of Object.keys(condition)) {
    if (!(name in CONDITIONS)) throw notImplemented(`The lifecycle condition ${name} is not available here.`);
  }
  return { action, condition };
}

/** What the rules want of this generation now: deletion wins over a change of class, as in production. */
export function lifecycleAction(
  { rule }: Lifecycle,
  candidate: Candidate,
  nowMs: number,
): { type: 'delete' } | { type: 'storageClass'; storageClass: string } | undefined {
  const due = rule.filter(({ condition }) =>
    Object.entries(condition).every(([name, value]) => CONDITIONS[name]?.(candidate, value, nowMs) ?? false),
  );
  if (due.some(({ action }) => action.type === 'Delete')) return { type: 'delete' };
  const storageClass = due.find(({ action }) => action.type === 'SetStorageClass')?.action.storageClass;
  if (storageClass === undefined || storageClass === (candidate.object.fields.storageClass ?? 'STANDARD'))
    return undefined;
  return { type: 'storageClass', storageClass };
}

/** After how many days unfinished multipart uploads of a bucket are to go; undefined where no rule says. */
export function abortUploadsAfterDays(lifecycle: Lifecycle | undefined): number | undefined {
  const ages = (lifecycle?.rule ?? [])
    .filter(({ action }) => action.type === 'AbortIncompleteMultipartUpload')
    .map(({ condition }) => Number(condition['age']))
    .filter((age) => Number.isFinite(age));
  return ages.length > 0 ? Math.min(...ages) : undefined;
}
