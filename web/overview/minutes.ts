import { ENDS, type End, KEPT_MINUTES, MINUTE_MS, minuteAt } from '../state/recent.ts';
import { percentile } from './percentile.ts';

/** The last hour by minutes, oldest first; null where nothing is known. */
export interface Hour {
  /** Beginnings of the minutes, in seconds since 1970. */
  at: number[];
  ended: Record<End, (number | null)[]>;
  p50Ms: (number | null)[];
  p95Ms: (number | null)[];
}

export function hourUntil(nowMs: number, since: number): Hour {
  const last = Math.floor(nowMs / MINUTE_MS);
  const minutes = Array.from({ length: KEPT_MINUTES }, (_, index) => last - KEPT_MINUTES + 1 + index);
  const ofMinutes = <T>(read: (minute: number) => T) => minutes.map(read);
  const ended = (end: End) =>
    ofMinutes((minute) => minuteAt(minute)?.counts[end] ?? (minute >= since ? 0 : null));
  const latency = (share: number) =>
    ofMinutes((minute) => percentile(minuteAt(minute)?.totalsMs ?? [], share));
  return {
    at: minutes.map((minute) => (minute * MINUTE_MS) / 1_000),
    ended: Object.fromEntries(ENDS.map((end) => [end, ended(end)])) as Hour['ended'],
    p50Ms: latency(0.5),
    p95Ms: latency(0.95),
  };
}

/** How many ended per minute of late, and which share of them with an answer. */
export function rateOf({ ended }: Hour, minutes: number): { perMinute: number; isKnown: boolean } {
  // The minute that is not over yet would always look slow.
  const slice = (end: End) => ended[end].slice(-1 - minutes, -1);
  const all = ENDS.flatMap(slice);
  const sum = all.reduce<number>((total, value) => total + (value ?? 0), 0);
  return { perMinute: sum / minutes, isKnown: all.some((value) => value !== null) };
}
