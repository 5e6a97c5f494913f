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
});

export type BudgetRecord = z.infer<typeof budgetRecord>;

/** After a person has lifted a pause, this much more of the budget must be spent before the next one. */
const STEP = 0.25;

export interface Decision {
  record: BudgetRecord;
  /** Whether the pipeline is to be paused now. */
  pause: boolean;
}

/**
 * What a notification changes. They come every 20 minutes or so, several times and in any order: an older one than the
 * newest known only counts as received. One pause per interval, and another for each quarter of the budget beyond it,
 * so that `pipeline resume` is not undone by the next notification.
 */
export function decide(
  known: BudgetRecord | undefined,
  notification: BudgetNotification,
  pauseAt: number,
): Decision {
  const received = (known?.received ?? 0) + 1;
  if (known && notification.sentAt < known.sentAt.getTime())
    return { record: { ...known, received }, pause: false };
  const { intervalStart, sentAt, ...facts } = notification;
  const share = notification.cost / notification.budget;
  const pausedAtShare = known?.pausedAtShare ?? null;
  const pause = share >= pauseAt && (pausedAtShare === null || share >= pausedAtShare + STEP);
  return {
    record: {
      ...facts,
      intervalStart: new Date(intervalStart),
      sentAt: new Date(sentAt),
      share,
      received,
      pausedAtShare: pause ? share : pausedAtShare,
    },
    pause,
  };
}

export const recordPath = ({ budgetId, intervalStart }: BudgetNotification): string =>
  `cloud-budgets/${encodeURIComponent(budgetId)}_${new Date(intervalStart).toISOString().slice(0, 10)}`;

/** The same moment of the next month: budgets count by the month unless told otherwise. */
export function nextInterval(startMs: number): number {
  const next = new Date(startMs);
  next.setUTCMonth(next.getUTCMonth() + 1);
  return next.getTime();
}
