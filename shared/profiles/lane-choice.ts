import { LANES, type Lane } from '../prices/lanes.ts';

/** The lane that a picture goes by, and how long its answer may take. */
export interface LaneChoice {
  asked: Lane;
  patienceMs: number;
}

/** What an upload or a profile says of it. */
interface LaneWish {
  lane?: string | undefined;
  /** Such as `30s`, `15m` or `24h`. */
  patience?: string | undefined;
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** At most a week: 99,999 seconds, 9,999 minutes, 168 hours or 7 days. */
export const PATIENCE_FORM =
  /^(?:[1-9][0-9]{0,4}s|[1-9][0-9]{0,3}m|(?:[1-9][0-9]?|1[0-5][0-9]|16[0-8])h|[1-7]d)$/;

/** Google aims at 1 to 15 minutes for flex (https://ai.google.dev/gemini-api/docs/flex-inference, read 2026-09-23). */
const FLEX_PATIENCE_MS = 900_000;
/** Google aims at 24 hours for a batch (https://ai.google.dev/gemini-api/docs/batch-api); what it misses needs time for another lane. */
const BATCH_PATIENCE_MS = 86_400_000;

/** Milliseconds of a text that PATIENCE_FORM takes. */
const patienceMsOf = (text: string): number => Number.parseInt(text, 10) * (UNITS_MS[text.slice(-1)] ?? 0);

/** What is wrong with a wish, in words; undefined for one that can be met. */
export function objectionToLane({ lane, patience }: LaneWish): string | undefined {
  if (lane !== undefined && !isLane(lane)) return `lane is none of ${LANES.join(', ')}`;
  return patience === undefined || PATIENCE_FORM.test(patience)
    ? undefined
    : 'patience is no time of at most a week such as 30s, 15m or 24h';
}

/**
 * The wish of an upload's metadata, as people type it: ` Flex `, `15 min`, `2 Hours`. Nobody reads an error there, as at the
 * other doors.
 */
export const wishIn = (metadata: Readonly<Record<string, string>>): LaneWish => ({
  lane: tidy(metadata['lane']),
  patience: inUnits(tidy(metadata['patience'])),
});

const tidy = (text: string | undefined): string | undefined => text?.trim().toLowerCase() || undefined;

const SPELLED = /^(?<number>\d+) *(?<unit>s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:r|our)?s?|d(?:ay)?s?)$/;

/** `15 min` as `15m`; what is no time stays what it is. */
function inUnits(text: string | undefined): string | undefined {
  const { number, unit = '' } = SPELLED.exec(text ?? '')?.groups ?? {};
  return number === undefined ? text : `${number}${unit.charAt(0)}`;
}

const isLane = (text: string): text is Lane => (LANES as readonly string[]).includes(text);

/** Batch costs what flex does, and is never refused for want of capacity. */
function cheapestWithin(patience = ''): Lane {
  const patienceMs = patienceMsOf(patience);
  if (patienceMs >= BATCH_PATIENCE_MS) return 'batch';
  return patienceMs >= FLEX_PATIENCE_MS ? 'flex' : 'standard';
}

const whatCanBeMet = ({ lane, patience }: LaneWish): { lane?: Lane; patience?: string } => ({
  ...(lane !== undefined && isLane(lane) ? { lane } : {}),
  ...(patience !== undefined && PATIENCE_FORM.test(patience) ? { patience } : {}),
});

/**
 * The lane of a picture: what the upload wishes, else its profile, else `standard` (undefined). Patience without a lane
 * takes the cheapest lane that fits into it. What cannot be met of a wish is passed over: `objectionToLane` says it.
 */
export function chooseLane(...wishes: readonly LaneWish[]): LaneChoice | undefined {
  const wish = wishes.map(whatCanBeMet).find(({ lane, patience }) => (lane ?? patience) !== undefined);
  if (wish === undefined) return undefined;
  const asked = wish.lane ?? cheapestWithin(wish.patience);
  const usualMs = asked === 'batch' ? BATCH_PATIENCE_MS : FLEX_PATIENCE_MS;
  const patienceMs = wish.patience === undefined ? usualMs : patienceMsOf(wish.patience);
  return asked === 'standard' ? undefined : { asked, patienceMs };
}
