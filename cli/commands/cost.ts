import type { Command } from 'commander';
import { type CostLine, type CostReport, costReport, leftOf } from '../../shared/money/report.ts';
import { dayOf } from '../../shared/prices/units.ts';
import { readSatisfaction } from '../../shared/results/satisfaction.ts';
import { type Cli, examples } from '../cli.ts';
import { CliError } from '../failure.ts';
import type { Output } from '../output.ts';
import { rightAnswers } from '../results/right-answers.ts';
import { plain } from '../text/plain.ts';
import { formatBytes, formatCount, plural } from '../text/units.ts';
import { parseSince } from './results.ts';

const GROUPS = ['day', 'profile', 'model', 'uploader'] as const;
type Group = (typeof GROUPS)[number];

interface CostOptions {
  since: string;
  by: string;
  json?: boolean;
}

export function registerCost(program: Command, cli: Cli): void {
  program
    .command('cost')
    .description('What the model calls cost, and what was saved')
    .option('--since <when>', 'from this day on: 24h, 7d, 4w or a date', '7d')
    .option('--by <what>', 'day, profile, model or uploader', 'day')
    .option('--json', 'everything, as JSON')
    .addHelpText(
      'after',
      examples([
        ['cost', 'the last week by day'],
        ['cost --by uploader --since 24h', 'who spent what since yesterday'],
        ['cost --since 2026-11-01 --json', 'a month for a spreadsheet'],
      ]),
    )
    .action((options: CostOptions) => cost(cli, options));
}

async function cost(cli: Cli, options: CostOptions): Promise<void> {
  const by = parseGroup(options.by);
  const since = parseSince(options.since);
  const { documents } = await cli.target();
  const report = await costReport(documents, dayOf(since.getTime()), dayOf(Date.now()));
  if (options.json) return cli.out.json(report);
  if (report.total.calls + report.total.images === 0) {
    cli.out.note('Nothing was spent in this time.');
    return;
  }
  print(cli.out, report, by);
  for (const line of rightAnswers(await readSatisfaction(documents))) cli.out.line(line);
}

function parseGroup(text: string): Group {
  const group = GROUPS.find((one) => one === text);
  if (group) return group;
  throw new CliError(`"${text}" is nothing that costs are counted by.`, {
    hint: `Write ${GROUPS.join(', ')}.`,
  });
}

function print(out: Output, report: CostReport, by: Group): void {
  const groups = report[`${by}s`];
  const rows = Object.entries(groups)
    .toSorted(([a, one], [b, other]) => (by === 'day' ? a.localeCompare(b) : other.usd - one.usd))
    .map(([name, line]) => cells(plain(name), line));
  const right = (title: string) => ({ title, align: 'right' as const });
  out.table(
    [
      { title: by.toUpperCase(), shrinkTo: 16 },
      right('IMAGES'),
      right('REPEATED'),
      right('CALLS'),
      right('TOKENS'),
      right('USD'),
      right('USD/1000'),
    ],
    [...rows, ...(rows.length > 1 ? [cells('total', report.total)] : [])],
  );
  out.line();
  for (const line of savings(report)) out.line(line);
}

const cells = (name: string, line: CostLine): string[] => [
  name,
  formatCount(line.images),
  formatCount(line.cacheHits),
  formatCount(line.calls),
  formatCount(line.tokens.prompt + line.tokens.thoughts + line.tokens.output),
  dollars(line.usd),
  line.images > 0 ? dollars(line.usdPer1000) : '–',
];

/** What a person asks next: where the money went, what was spared, whether the estimates hold. */
function savings({ total, budget }: CostReport): string[] {
  return [
    `Saved by repeating answers ${dollars(total.savedByCacheUsd)}, by the ladder ${dollars(total.savedByLadderUsd)} against its top step, by resizing ${formatBytes(Math.max(0, total.savedBytes))}.`,
    ...againstEstimate(total),
    ...(total.lostUsd > 0
      ? [`Calls whose answer never came may have been billed ${dollars(total.lostUsd)} more.`]
      : []),
    ...(budget
      ? [
          `Of today's budget of ${dollars(budget.limitUsd)}, ${dollars(leftOf(budget))} is neither spent nor held by calls under way (UTC day ${budget.day}).`,
        ]
      : []),
  ];
}

/** The first calls against the whole bill; and each call against its own estimate, where there are enough to judge by. */
function againstEstimate({ estimatedUsd, usd, calls, images, cacheHits, ...line }: CostLine): string[] {
  const further = calls - (images - cacheHits);
  const first =
    further > 0
      ? `The first calls were estimated at ${dollars(estimatedUsd)}; the bill of ${dollars(usd)} includes ${plural(further, 'further call')}: repairs and steps up the ladder.`
      : `The calls were estimated at ${dollars(estimatedUsd)}, the bill is ${dollars(usd)}.`;
  if (line.drift === null) return [first];
  const drift = `${Math.abs(Math.round(line.drift * 100))} % ${line.drift < 0 ? 'below' : 'above'}`;
  const doubt = line.driftFlagged ? ', which is more than 10 %: look at pipeline prices check' : '';
  return [first, `Answered calls cost ${drift} what was expected of them${doubt}.`];
}

const dollars = (usd: number): string => `$${usd.toFixed(Math.abs(usd) < 1 ? 4 : 2)}`;
