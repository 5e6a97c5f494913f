import { z } from 'zod';
import { controlVariables } from '../../shared/results/options.ts';

/** Variables of budget-alert. */
export const budgetAlertVariables = {
  FIRESTORE_DATABASE: z.string().default('(default)'),
  ...controlVariables,
  /** Share of the cloud budget from which the pipeline is paused; budgets lag behind by hours. */
  PAUSE_AT: z
    .string()
    .default('0.9')
    .refine((text) => /^\d+(\.\d+)?$/.test(text) && Number(text) > 0 && Number(text) <= 10, {
      error: 'expected a share of the budget such as 0.9',
    })
    .transform(Number),
};
