const KB = 1_000;
const MB = 1_000_000;
const GB = 1_000_000_000;

/** `812 KB`, `3.4 MB`: decimal units, as file managers and cloud bills count. */
export function formatBytes(bytes: number): string {
  if (bytes < KB) return `${Math.round(bytes)} B`;
  if (bytes < MB) return `${Math.round(bytes / KB)} KB`;
  if (bytes < GB) return `${(bytes / MB).toFixed(bytes < 100 * MB ? 1 : 0)} MB`;
  return `${(bytes / GB).toFixed(1)} GB`;
}

/** `85 ms`, `1.2 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
}

/** Whole seconds, then minutes: what is only an estimate is not given more exactly. */
export function formatRemaining(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.ceil(seconds))} s`;
  if (seconds < 5_400) return `${Math.ceil(seconds / 60)} min`;
  return `${Math.floor(seconds / 3_600)} h ${Math.ceil((seconds % 3_600) / 60)} min`;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** `just now`, `5 min ago`, `3 h ago`, then the date. */
export function formatAge(at: Date, nowMs: number): string {
  const ms = nowMs - at.getTime();
  if (ms < MINUTE_MS) return 'just now';
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min ago`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)} h ago`;
  return formatDay(at);
}

const two = (value: number): string => String(value).padStart(2, '0');

const formatDay = (at: Date): string => `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;

/** Local time of day with seconds. */
export const formatClock = (at: Date): string =>
  `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;

/** Local date and time, the same in every language. */
export const formatMoment = (at: Date): string => `${formatDay(at)} ${formatClock(at)}`;

export const formatCount = (count: number): string => count.toLocaleString('en-US');

export const plural = (count: number, noun: string): string =>
  `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
};

/** A moment given as `90m`, `24h`, `7d` before now or as a date (`2026-11-20`, ISO 8601); undefined if it is neither. */
export function parseMoment(text: string, nowMs: number): Date | undefined {
  const relative = /^(\d{1,6})([smhdw])$/.exec(text.trim());
  if (relative) return new Date(nowMs - Number(relative[1]) * (UNITS_MS[relative[2] ?? ''] ?? 0));
  if (!/^\d{4}-\d{2}-\d{2}/.test(text.trim())) return undefined;
  const at = new Date(text.trim());
  return Number.isNaN(at.getTime()) ? undefined : at;
}
