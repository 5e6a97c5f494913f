import { z } from 'zod';
import { APPLY, broken, error, type Finding, ok, orAllWell, warning } from './finding.ts';
import { type GoogleApi, unseenOf } from './google-api.ts';
import type { Names } from './names.ts';

const budgetShape = z.looseObject({
  displayName: z.string().default(''),
  budgetFilter: z.looseObject({ projects: z.array(z.string()).default([]) }).optional(),
  thresholdRules: z
    .array(z.looseObject({ thresholdPercent: z.number().optional(), spendBasis: z.string().optional() }))
    .default([]),
  notificationsRule: z.looseObject({ pubsubTopic: z.string().optional() }).optional(),
});

/** The budget of the billing account, which pauses the pipeline; only looked for when the account is named. */
export async function examineBudget(
  api: GoogleApi,
  names: Names,
  billingAccount: string | undefined,
  projectNumber: string | undefined,
): Promise<Finding[]> {
  if (billingAccount === undefined) {
    return [ok('Not looked at: name the billing account with --billing-account.')];
  }
  const looked = await api.list(
    `https://billingbudgets.googleapis.com/v1/billingAccounts/${billingAccount}/budgets`,
    'budgets',
    budgetShape,
  );
  if (looked.state === 'missing') {
    return [error(`There is no billing account ${billingAccount}.`, 'gcloud billing accounts list')];
  }
  if (looked.state === 'unseen') return [unseenOf('the budget', looked)];
  const topic = `projects/${names.project}/topics/${names.topic({ topic: 'budget' })}`;
  const own = looked.value.filter(
    ({ displayName, budgetFilter }) =>
      displayName === `${names.name} in ${names.project}` ||
      budgetFilter?.projects.some(
        (one) => one === `projects/${projectNumber}` || one === `projects/${names.project}`,
      ),
  );
  const [budget] = own;
  const apply = `Set billing_account = "${billingAccount}" in terraform/terraform.tfvars, then: ${APPLY}`;
  if (!budget) return [warning(`No budget watches ${names.project}.`, apply)];
  const current = budget.thresholdRules.filter(({ spendBasis }) => spendBasis !== 'FORECASTED_SPEND');
  return orAllWell(
    broken([
      {
        holds: own.some(({ notificationsRule }) => notificationsRule?.pubsubTopic === topic),
        otherwise: warning(
          `The budget "${budget.displayName}" does not tell ${names.service('budget-alert')}: it pauses nothing.`,
          apply,
        ),
      },
      {
        holds: current.length > 0,
        otherwise: warning(`The budget "${budget.displayName}" has no thresholds: it tells nobody.`, apply),
      },
    ]),
    `"${budget.displayName}" tells ${names.service('budget-alert')} at ${current.map(({ thresholdPercent = 0 }) => `${Math.round(thresholdPercent * 100)} %`).join(', ')}.`,
  );
}
