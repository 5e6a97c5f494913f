import type { Command } from 'commander';
import { costReport } from '../../shared/money/report.ts';
import { PRICE_FILE, PriceList } from '../../shared/prices/price-list.ts';
import { dayOf } from '../../shared/prices/units.ts';
import { type Cli, examples } from '../cli.ts';
import { CliError } from '../failure.ts';
import type { Output } from '../output.ts';
import { type CheckedModel, checkPrices, isApart } from '../prices/check.ts';
import { plain } from '../text/plain.ts';
import { formatCount, plural } from '../text/units.ts';
import { parseSince } from './results.ts';

interface CheckOptions {
  since: string;
  billed?: string;
  json?: boolean;
}

/** Google's bill has taxes, credits and the calls of others of the project in it. */
const BILL_TOLERANCE = 0.05;
const DAY_MS = 86_400_000;

const CHECK_EXAMPLES = examples([
  ['prices check', 'the tokens of the last week, priced again'],
  ['prices check --since 2026-11-01 --billed 41.20', 'against the bill of the month'],
]);

export function registerPrices(program: Command, cli: Cli): void {
  program
    .command('prices')
    .description('The table of prices')
    .addHelpText('after', CHECK_EXAMPLES)
    .command('check')
    .description('Hold the table against what was used and billed')
    .option('--since <when>', 'calls from this day on: 24h, 7d, 4w or a date', '7d')
    .option('--billed <usd>', "what Google's bill says of the Gemini API for these days")
    .option('--json', 'everything, as JSON')
    .addHelpText('after', CHECK_EXAMPLES)
    .action((options: CheckOptions) => check(cli, options));
}

async function check(cli: Cli, options: CheckOptions): Promise<void> {
  const billed = options.billed === undefined ? undefined : amount(options.billed);
  const from = Date.parse(dayOf(parseSince(options.since).getTime()));
  const days = Array.from({ length: Math.floor((Date.now() - from) / DAY_MS) + 1 }, (_, i) =>
    dayOf(from + i * DAY_MS),
  );
  const { documents } = await cli.target();
  const reports = [];
  for (const day of days) reports.push(await costReport(documents, day, day));
  const models = checkPrices(new PriceList(), reports);
  const recordedUsd = reports.reduce((sum, { total }) => sum + total.usd, 0);
  const bill =
    billed === undefined ? undefined : { usd: billed, differs: isApart(billed, recordedUsd, BILL_TOLERANCE) };
  if (models.some(({ differs }) => differs) || bill?.differs) cli.endWith(1);
  if (options.json) return cli.out.json({ from: days[0], models, recordedUsd, bill: bill ?? null });
  if (models.length === 0) cli.out.note('No call of this time can be compared.');
  else print(cli.out, models);
  if (bill) cli.out.line(againstBill(bill, recordedUsd));
}

function amount(text: string): number {
  const usd = Number(text);
  if (text.trim() !== '' && Number.isFinite(usd) && usd >= 0) return usd;
  throw new CliError(`"${text}" is no amount for --billed.`, {
    hint: 'Write US dollars such as 41.20: the Gemini API is priced in USD.',
  });
}

function print(out: Output, models: readonly CheckedModel[]): void {
  const right = (title: string) => ({ title, align: 'right' as const });
  out.table(
    [
      { title: 'MODEL', shrinkTo: 16 },
      right('CALLS'),
      right('RECORDED'),
      right('AT THIS TABLE'),
      { title: 'PRICES ARE' },
    ],
    models.map(({ model, calls, recordedUsd, repricedUsd, confidence }) => [
      plain(model),
      formatCount(calls),
      dollars(recordedUsd),
      repricedUsd === undefined ? 'no price' : dollars(repricedUsd),
      confidence ?? 'unknown',
    ]),
  );
  out.line();
  for (const sentence of sentences(models)) out.line(sentence);
}

function sentences(models: readonly CheckedModel[]): string[] {
  const unpriced = models.filter(({ repricedUsd }) => repricedUsd === undefined);
  const differing = models.filter(({ differs }) => differs).length - unpriced.length;
  const doubtful = models.filter(({ confidence }) => confidence !== 'published');
  return [
    ...(differing + unpriced.length === 0 ? ['The table gives what was recorded.'] : []),
    ...(differing === 0
      ? []
      : [
          `${plural(differing, 'model')} cost something else when called: deploy this table, or correct ${PRICE_FILE}.`,
        ]),
    ...(unpriced.length === 0
      ? []
      : [
          `There is no price for ${unpriced.map(({ model }) => plain(model)).join(', ')}, recorded at the nearest one there is: add it to ${PRICE_FILE}.`,
        ]),
    ...(doubtful.length === 0
      ? []
      : [
          `Compare ${doubtful.map(({ model }) => plain(model)).join(', ')} with https://ai.google.dev/gemini-api/docs/pricing and correct ${PRICE_FILE}: Google's own word for ${doubtful.length === 1 ? 'it' : 'them'} is missing.`,
        ]),
  ];
}

function againstBill({ usd, differs }: { usd: number; differs: boolean }, recordedUsd: number): string {
  if (!differs)
    return `Google billed ${dollars(usd)}, ${dollars(recordedUsd)} are recorded: the prices hold.`;
  const share = recordedUsd === 0 ? '' : ` (${Math.round((usd / recordedUsd - 1) * 100)} %)`;
  return `Google billed ${dollars(usd)}, ${dollars(recordedUsd)} are recorded${share}: look for a price that changed, or for calls of others in the project.`;
}

const dollars = (usd: number): string => `$${usd.toFixed(4)}`;
