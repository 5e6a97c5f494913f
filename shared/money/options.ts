import { z } from 'zod';
import { integer } from '../base/config.ts';
import { nanosOf } from '../prices/units.ts';
import type { Limits } from './budgets.ts';

const AMOUNT = /^\d+(\.\d+)?$/;

const amountOf = (text: string): string | undefined => {
  if (AMOUNT.test(text)) return undefined;
  if (/^-/.test(text)) return 'a budget is never negative; use 0 to allow nothing';
  if (/[a-z€£¥]/i.test(text.replace(/usd|\$/gi, '')))
    return 'expected an amount in US dollars such as 5 or 0.50, without a currency: the Gemini API is priced in USD';
  return 'expected an amount in US dollars such as 5 or 0.50, or none';
};

const nanos = (text: string) => nanosOf(Number(text));

/** US dollars a day, or `none` for no limit. */
const dailyBudget = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .superRefine((text, context) => {
      const problem = text === 'none' ? undefined : amountOf(text);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    })
    .transform((text) => (text === 'none' ? null : nanos(text)));

/** JSON such as `{"inventory": 5}`: US dollars a day by name. */
const budgetsByName = z
  .string()
  .default('{}')
  .transform((text, context): Record<string, number> => {
    const given = parseObject(text);
    if (!given) {
      context.addIssue({
        code: 'custom',
        message: 'expected JSON such as {"inventory": 5}, in US dollars a day',
      });
      return {};
    }
    const budgets: Record<string, number> = {};
    for (const [name, amount] of Object.entries(given)) {
      const problem =
        typeof amount === 'number' ? amountOf(String(amount)) : 'expected a number of US dollars';
      if (problem === undefined) budgets[name] = nanos(String(amount));
      else context.addIssue({ code: 'custom', message: `${name}: ${problem}` });
    }
    return budgets;
  });

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Variables of what may be spent. Days begin at midnight UTC. */
export const spendVariables = {
  /** A stranger's mistake must not cost more than this by default. */
  DAILY_BUDGET_USD: dailyBudget('10'),
  UPLOADER_DAILY_BUDGET_USD: dailyBudget('none'),
  PROFILE_DAILY_BUDGET_USD: budgetsByName,
  /** What becomes of an image whose uploader has used up the budget. */
  UPLOADER_BUDGET_ACTION: z.enum(['refuse', 'park'], { error: 'expected refuse or park' }).default('refuse'),
  /** How long a call waits for money that other calls hold and may give back. */
  BUDGET_WAIT_MS: integer('milliseconds', { min: 0, max: 60_000, default: 5_000 }),
};

type SpendConfig = z.infer<z.ZodObject<typeof spendVariables>>;

export const limitsOf = (config: SpendConfig): Limits => ({
  daily: config.DAILY_BUDGET_USD,
  uploaderDaily: config.UPLOADER_DAILY_BUDGET_USD,
  uploaders: {},
  profiles: config.PROFILE_DAILY_BUDGET_USD,
});
