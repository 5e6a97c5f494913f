import { z } from 'zod';
import type { BudgetNotification } from './notification.ts';

/** `cloud-budgets/{budgetId}_{interval}`: the newest that is known of one budget in one interval. */
export const budgetRecord = z.object({
  budgetId: z.string(),
  billingAccountId: z.string(),
  name: z.string(),
  intervalStart: z.date(),
  cost: z.number(),
  budget: z.number(),
  currency: z.string(),
  /** cost / budget. */
  share: z.number(),
  threshold: z.number().nullable(),
  forecastThreshold: z.number().nullable(),
  sentAt: z.date(),
  received: z.number(),
  /** The share at which the pipeline was last paused for this; null when it was not. */
  pausedAtShare: z.number().nullable(),
  /** When that pause ended or expires. */
  pausedUntil: z.date().nullish(),
});

type BudgetRecord = z.infer<typeof budgetRecord>;

/** After a person has lifted a pause, this much more of the budget must be spent before the next one. */
const STEP = 0.25;

/** The last costs of a month come in for this long after its end; what is sent then is about that month, not the next. */
const STRAGGLERS_MS = 5 * 86_400_000;

interface Decision {
  record: BudgetRecord;
  /** Until when the pipeline is to be paused, epoch milliseconds; null leaves it as it is. */
  pauseUntil: number | null;
}

/**
 * What a notification changes. They come every 20 minutes or so, several times and in any order: an older one than the
 * newest known only counts as received. One pause per month, and another for each quarter of the budget beyond it, so
 * that `pipeline resume` is not undone by the next notification. What comes late, after its month, pauses nothing.
 */
export function decide(
  known: BudgetRecord | undefined,
  notification: BudgetNotification,
  pauseAt: number,
  nowMs: number,
): Decision {
  const received = (known?.received ?? 0) + 1;
  if (known && notification.sentAt < known.sentAt.getTime())
    return { record: { ...known, received }, pauseUntil: null };
  const { intervalStart, sentAt, ...facts } = notification;
  const share = notification.cost / notification.budget;
  const pausedAtShare = known?.pausedAtShare ?? null;
  const pausedUntil = known?.pausedUntil ?? null;
  const isOver = pausedUntil !== null && sentAt >= pausedUntil.getTime();
  const isDue = pausedAtShare === null || isOver || share >= pausedAtShare + STEP;
  const firstEnd = monthEnd(intervalStart, intervalStart);
  const isStraggler = sentAt >= firstEnd && sentAt < firstEnd + STRAGGLERS_MS;
  const until = monthEnd(intervalStart, sentAt);
  const pause = share >= pauseAt && isDue && !isStraggler && until > nowMs;
  return {
    record: {
      ...facts,
      intervalStart: new Date(intervalStart),
      sentAt: new Date(sentAt),
      share,
      received,
      pausedAtShare: pause ? share : pausedAtShare,
      pausedUntil: pause ? new Date(until) : pausedUntil,
    },
    pauseUntil: pause ? until : null,
  };
}

export const recordPath = ({ budgetId, intervalStart }: BudgetNotification): string =>
  `cloud-budgets/${encodeURIComponent(budgetId)}_${new Date(intervalStart).toISOString().slice(0, 10)}`;

/**
 * End of the month of an interval in which a moment lies. Budgets count by the month unless set otherwise, and how long
 * an interval is no notification says: a longer one is taken month by month.
 */
function monthEnd(startMs: number, atMs: number): number {
  const start = new Date(startMs);
  for (let months = 1; ; months += 1) {
    const end = new Date(startMs);
    end.setUTCMonth(start.getUTCMonth() + months);
    if (end.getTime() > atMs) return end.getTime();
  }
}
