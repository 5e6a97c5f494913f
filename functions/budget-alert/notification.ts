import { z } from 'zod';
import { InvalidEvent } from '../../shared/cloud/events/object-event.ts';

/** A notification of a Cloud Billing budget. Amounts are in the currency of the billing account, whichever that is. */
export interface BudgetNotification {
  billingAccountId: string;
  budgetId: string;
  name: string;
  /** Spent in the interval so far. */
  cost: number;
  budget: number;
  currency: string;
  /** Start of the interval (mostly a month), epoch milliseconds. */
  intervalStart: number;
  /** Shares whose crossing this announces, if it does. */
  threshold: number | null;
  forecastThreshold: number | null;
  /** When Cloud Billing sent it, epoch milliseconds: they arrive in any order. */
  sentAt: number;
}

const pushEnvelope = z.object({
  message: z.object({
    data: z.string(),
    attributes: z.record(z.string(), z.string()).default({}),
    publishTime: z.iso.datetime({ offset: true }).optional(),
  }),
});

const attributes = z.object({ billingAccountId: z.string().default(''), budgetId: z.string().min(1) });

const amount = (what: string) =>
  z
    .number({ error: `expected ${what} as a number` })
    .nonnegative(`expected ${what}, which is never negative`);

/** https://cloud.google.com/billing/docs/how-to/budgets-programmatic-notifications#notification-format */
const content = z.object({
  budgetDisplayName: z.string().default(''),
  costAmount: amount('what was spent'),
  costIntervalStart: z.iso.datetime({ offset: true, error: 'expected a time such as 2026-11-01T08:00:00Z' }),
  budgetAmount: amount('the budget').positive('expected a budget above 0'),
  currencyCode: z
    .string({ error: 'expected a currency such as USD' })
    .regex(/^[A-Z]{3}$/, 'expected a currency such as USD'),
  alertThresholdExceeded: z.number().optional(),
  forecastThresholdExceeded: z.number().optional(),
});

/** Reads a Pub/Sub push. Throws InvalidEvent that names the field. */
export function parseNotification(body: unknown, nowMs: number): BudgetNotification {
  const { message } = parse(pushEnvelope, body, 'the push');
  const { billingAccountId, budgetId } = parse(attributes, message.attributes, 'its attributes');
  const data = parse(content, parseJson(message.data), 'the notification');
  return {
    billingAccountId,
    budgetId,
    name: data.budgetDisplayName,
    cost: data.costAmount,
    budget: data.budgetAmount,
    currency: data.currencyCode,
    intervalStart: Date.parse(data.costIntervalStart),
    threshold: data.alertThresholdExceeded ?? null,
    forecastThreshold: data.forecastThresholdExceeded ?? null,
    sentAt: message.publishTime === undefined ? nowMs : Date.parse(message.publishTime),
  };
}

function parse<T>(shape: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
  throw new InvalidEvent(`${what} is not that of a budget: ${problems.join('; ')}`);
}

function parseJson(base64: string): unknown {
  try {
    return JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));
  } catch (cause) {
    throw new InvalidEvent('the data of the notification is not JSON', { cause });
  }
}
