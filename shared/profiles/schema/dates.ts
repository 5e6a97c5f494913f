const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Day and month in words, either first: `29 November 2026`, `Nov 29, 2026`. */
const DAY_FIRST = /^(\d{1,2})(?:st|nd|rd|th)?[ .-]+([a-z]{3,9})\.?,?[ -]+(\d{4})$/i;
const MONTH_FIRST = /^([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})$/i;
const YEAR_FIRST = /^(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?$/i;
/** With dots the day is first everywhere; with slashes or dashes it depends on the country. */
const DOTTED = /^(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})$/;
const SLASHED = /^(\d{1,2})[/-](\d{1,2})[/-](\d{4})$/;

/** A date as `2026-11-29`, or undefined where it is none or could be two: `3/4/2026`. */
export function isoDate(text: string): string | undefined {
  const trimmed = text.trim();
  const year = YEAR_FIRST.exec(trimmed);
  if (year && (year[2] !== '' || /^\d{8}/.test(trimmed))) return dateOf(year[1], year[3], year[4]);
  const dotted = DOTTED.exec(trimmed);
  if (dotted) return dateOf(dotted[3], dotted[2], dotted[1]);
  const dayFirst = DAY_FIRST.exec(trimmed);
  if (dayFirst) return dateOf(dayFirst[3], monthOf(dayFirst[2]), dayFirst[1]);
  const monthFirst = MONTH_FIRST.exec(trimmed);
  if (monthFirst) return dateOf(monthFirst[3], monthOf(monthFirst[1]), monthFirst[2]);
  return slashed(trimmed);
}

function slashed(text: string): string | undefined {
  const parts = SLASHED.exec(text);
  if (!parts) return undefined;
  const [first, second] = [Number(parts[1]), Number(parts[2])];
  if (first === second || first > 12) return dateOf(parts[3], parts[2], parts[1]);
  return second > 12 ? dateOf(parts[3], parts[1], parts[2]) : undefined;
}

const monthOf = (name = ''): string => String(MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1);

/** Undefined for a day that does not exist. */
function dateOf(year = '', month = '', day = ''): string | undefined {
  const iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const at = new Date(`${iso}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(iso) ? iso : undefined;
}

const MOMENT = /^(.+?)[T ]+(\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|[+-]\d\d:?\d\d)$/i;

/** A moment as `2026-11-29T10:00:00Z`. One without its time zone is undefined: nobody knows when it was. */
export function isoDateTime(text: string): string | undefined {
  const parts = MOMENT.exec(text.trim());
  const date = isoDate(parts?.[1] ?? '');
  const time = isoTime(parts?.[2] ?? '');
  if (date === undefined || time === undefined) return undefined;
  const zone = (parts?.[3] ?? '').toUpperCase();
  return `${date}T${time}${zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone}`;
}

const CLOCK = /^(\d{1,2}):(\d\d)(?::(\d\d(?:\.\d+)?))? ?([ap]\.?m\.?)?$/i;

/** A time of day as `09:05:00`. */
export function isoTime(text: string): string | undefined {
  const parts = CLOCK.exec(text.trim());
  if (!parts) return undefined;
  const [, given = '', minutes = '', seconds = '00', half] = parts;
  if (half !== undefined && (Number(given) < 1 || Number(given) > 12)) return undefined;
  const noon = half === undefined ? 0 : half.toLowerCase().startsWith('p') ? 12 : 0;
  const hours = half === undefined ? Number(given) : (Number(given) % 12) + noon;
  return hours < 24 && Number(minutes) < 60 && Number(seconds) < 60
    ? `${String(hours).padStart(2, '0')}:${minutes}:${seconds}`
    : undefined;
}
