const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Both texts name the same day, in whatever of the common ways; where both name a time, the same moment. */
export function isSameDay(expected: string, given: string): boolean {
  const [a, b] = [expected.trim(), given.trim()];
  if (TIME.test(a) && TIME.test(b) && momentOf(a) !== momentOf(b)) return false;
  const days = daysIn(b);
  return daysIn(a).some((day) => days.includes(day));
}

const TIME = /[T ]\d{1,2}:\d{2}/;

const momentOf = (text: string): number | string => {
  const at = Date.parse(text);
  return Number.isNaN(at) ? text : at;
};

/** Every day that a text may mean, as YYYY-MM-DD: `03/04/2026` may be two. */
function daysIn(text: string): string[] {
  const date = text.replace(/[T ]\d{1,2}:\d{2}.*$/, '');
  const yearFirst = /^(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})$/.exec(date);
  if (yearFirst) return day(yearFirst[1], yearFirst[2], yearFirst[3]);
  const numbers = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$/.exec(date);
  if (numbers)
    return [...day(numbers[3], numbers[2], numbers[1]), ...day(numbers[3], numbers[1], numbers[2])];
  const dayFirst = /^(\d{1,2})\.? ([a-z]{3,9})\.?,? (\d{4})$/i.exec(date);
  if (dayFirst) return day(dayFirst[3], monthOf(dayFirst[2]), dayFirst[1]);
  const monthFirst = /^([a-z]{3,9})\.? (\d{1,2}),? (\d{4})$/i.exec(date);
  if (monthFirst) return day(monthFirst[3], monthOf(monthFirst[1]), monthFirst[2]);
  return [];
}

const monthOf = (name = ''): string => String(MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1);

const day = (year = '', month = '', dayOfMonth = ''): string[] =>
  Number(month) >= 1 && Number(month) <= 12 && Number(dayOfMonth) >= 1 && Number(dayOfMonth) <= 31
    ? [`${year}-${month.padStart(2, '0')}-${dayOfMonth.padStart(2, '0')}`]
    : [];
