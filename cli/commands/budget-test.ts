import type { Command } from 'commander';
import { BUDGET_TOPIC } from '../../local/topology.ts';
import { type Cli, examples } from '../cli.ts';
import { CliError } from '../failure.ts';
import { busOf } from '../recovery/bus.ts';

interface BudgetTestOptions {
  budget: string;
  id: string;
}

export function registerBudgetTest(program: Command, cli: Cli): void {
  program
    .command('budget-test <cost>')
    .description('Send the local cloud a notification of its cloud budget, as Cloud Billing would')
    .option('--budget <amount>', 'the monthly budget it is about', '100')
    .option('--id <name>', 'the id of the budget', 'test')
    .addHelpText(
      'after',
      examples([
        ['budget-test 40', 'recorded: 40 of 100 spent'],
        ['budget-test 95', 'pauses the pipeline until it is resumed or the month ends'],
      ]),
    )
    .action((cost: string, options: BudgetTestOptions) => budgetTest(cli, cost, options));
}

async function budgetTest(cli: Cli, cost: string, options: BudgetTestOptions): Promise<void> {
  const target = await cli.target();
  if (target.kind !== 'local') {
    throw new CliError('Test notifications are for the local cloud.', {
      hint: 'Cloud Billing itself notifies a deployment; lower its budget to see it.',
    });
  }
  const now = new Date();
  const content = {
    budgetDisplayName: 'test',
    costAmount: amount(cost, 'cost'),
    costIntervalStart: new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1, 8)).toISOString(),
    budgetAmount: amount(options.budget, '--budget'),
    budgetAmountType: 'SPECIFIED_AMOUNT',
    currencyCode: 'USD',
  };
  const { pubsub } = await busOf(target, cli.env, undefined);
  await pubsub.publish(BUDGET_TOPIC, {
    data: Buffer.from(JSON.stringify(content)),
    attributes: { billingAccountId: 'TEST', budgetId: options.id, schemaVersion: '1.0' },
  });
  cli.out.line(`Sent: ${content.costAmount} of ${content.budgetAmount} USD spent this month.`);
}

function amount(text: string, what: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new CliError(`"${text}" is no amount for ${what}.`, { hint: 'Write a number such as 95.' });
}
