import { type Documents, increment, type Write } from '../cloud/firestore/documents.ts';
import type { Stats } from './api/figures.ts';
import type { Feedback, ResultDocument } from './document.ts';
import { isJudged } from './view.ts';

type Verdict = Feedback['verdict'];
type Satisfaction = NonNullable<Stats['satisfaction']>;
type Row = Satisfaction['weeks'][number]['rows'][number];

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** Weeks that are shown. */
const WEEKS = 8;

/** The ISO 8601 week of a moment in UTC, e.g. `2026-W48`: the week belongs to the year that its Thursday lies in. */
export function weekOf(ms: number): string {
  const day = new Date(ms);
  const thursday = new Date(ms + (4 - (day.getUTCDay() || 7)) * DAY_MS);
  const newYear = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  const number = Math.floor((thursday.getTime() - newYear) / WEEK_MS) + 1;
  return `${thursday.getUTCFullYear()}-W${String(number).padStart(2, '0')}`;
}

const pathOf = (week: string): string => `satisfaction/${week}`;

/**
 * Counts a verdict in the week that the picture came in, by profile, model and step; one that replaces another word about
 * the same answer takes that one back. Undefined where nothing changes, or where no model answered.
 */
export function verdictCount(document: ResultDocument, verdict: Verdict): Write | undefined {
  const { model, profile, createdAt, feedback } = document;
  const before = isJudged(document) ? feedback?.verdict : undefined;
  if (!model || before === verdict) return undefined;
  const counts = { [verdict]: increment(1), ...(before === undefined ? {} : { [before]: increment(-1) }) };
  return {
    kind: 'merge',
    path: pathOf(weekOf(createdAt.getTime())),
    patch: { profiles: { [profile]: { [model.version]: { [String(model.step)]: counts } } } },
  };
}

type Counts = Partial<Record<Verdict, number>>;
type Stored = Record<string, Record<string, Record<string, Counts>>>;

/** What people said of the answers of the last weeks, the newest week first; weeks of which nothing was said are left out. */
export async function readSatisfaction(
  documents: Pick<Documents, 'get'>,
  nowMs = Date.now(),
): Promise<Satisfaction> {
  const weeks = await Promise.all(
    Array.from({ length: WEEKS }, async (_, ago) => {
      const week = weekOf(nowMs - ago * WEEK_MS);
      const stored = await documents.get(pathOf(week));
      return { week, rows: rowsOf((stored?.data['profiles'] ?? {}) as Stored) };
    }),
  );
  return { weeks: weeks.filter(({ rows }) => rows.length > 0) };
}

const rowsOf = (profiles: Stored): Row[] =>
  Object.entries(profiles)
    .flatMap(([profile, models]) =>
      Object.entries(models).flatMap(([model, steps]) =>
        Object.entries(steps).map(([step, { right = 0, wrong = 0, corrected = 0 }]) => ({
          ...{ profile, model, step: Number(step) },
          ...{ judged: right + wrong + corrected, right },
        })),
      ),
    )
    .filter(({ judged }) => judged > 0)
    .toSorted((a, b) => b.judged - a.judged || a.profile.localeCompare(b.profile));
