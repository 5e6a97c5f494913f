const PACIFIC = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/Los_Angeles',
  hourCycle: 'h23',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
});

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function millisecondsIntoDay(nowMs: number): number {
  const parts = Object.fromEntries(PACIFIC.formatToParts(nowMs).map((part) => [part.type, part.value]));
  const seconds = Number(parts['hour']) * 3600 + Number(parts['minute']) * 60 + Number(parts['second']);
  return seconds * 1000 + (nowMs % 1000);
}

/** The next midnight in Los Angeles, where requests-per-day quotas renew, in epoch milliseconds. */
export function nextPacificMidnight(nowMs: number): number {
  const guess = nowMs + DAY_MS - millisecondsIntoDay(nowMs);
  // On the two days a year when the clocks change, the day has 23 or 25 hours.
  const into = millisecondsIntoDay(guess);
  if (into === 0) return guess;
  return into < DAY_MS / 2 ? guess - into : guess + DAY_MS - into;
}
