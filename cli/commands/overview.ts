import type { Command } from 'commander';
import type { Documents } from '../../shared/cloud/firestore/documents.ts';
import { costReport } from '../../shared/money/report.ts';
import { dayOf } from '../../shared/prices/units.ts';
import { allProfiles } from '../../shared/profiles/index.ts';
import type { Stats } from '../../shared/results/api/figures.ts';
import { readOverview } from '../../shared/results/overview.ts';
import { stagesOf, VIEW_STATUSES } from '../../shared/results/statuses.ts';
import { type Cli, examples } from '../cli.ts';
import type { Output } from '../output.ts';
import { sayModelChanges } from '../prices/model-changes.ts';
import { controlOf } from '../recovery/control.ts';
import { rightAnswers } from '../results/right-answers.ts';
import { paintStatus } from '../results/status.ts';
import { plain } from '../text/plain.ts';
import { formatCount, formatDuration, formatMoment, plural } from '../text/units.ts';

interface OverviewOptions {
  json?: boolean;
}

/** As many as the API takes by default. */
const SAMPLE = 300;

export function registerOverview(program: Command, cli: Cli): void {
  program
    .command('overview')
    .description('How the pipeline does: counts, success, latency, failures by code, what is paused')
    .option('--json', 'everything, as JSON')
    .addHelpText(
      'after',
      examples([
        ['overview', 'what the page shows, in short'],
        ['overview --json', 'for a script; sample.failures has the share of each code'],
      ]),
    )
    .action((options: OverviewOptions) => overview(cli, options));
}

async function overview({ out, target }: Cli, { json }: OverviewOptions): Promise<void> {
  const { documents, results } = await target();
  const control = controlOf(documents);
  const stats = await readOverview({ reader: results, control, documents, sample: SAMPLE });
  if (json) return out.json(stats);
  out.line(countsLine(out, stats));
  if (stats.sample.images === 0) return out.line('No picture was sent yet.');
  out.line(sampleLine(stats.sample));
  failures(out, stats.sample);
  for (const line of rightAnswers(stats.satisfaction)) out.line(line);
  await changes(out, documents);
  for (const { target: what, until, reason } of stats.paused) {
    const end = until === null ? 'until pipeline resume' : `until ${formatMoment(new Date(until))}`;
    out.line(out.yellow(`${what === 'pipeline' ? 'The pipeline' : what} is paused ${end}: ${plain(reason)}`));
  }
}

/** The bill of the last week says what a change of price will mean. */
const WEEK_DAYS = 7;
const DAY_MS = 86_400_000;

async function changes(out: Output, documents: Documents): Promise<void> {
  const nowMs = Date.now();
  const report = await costReport(documents, dayOf(nowMs - (WEEK_DAYS - 1) * DAY_MS), dayOf(nowMs));
  for (const { text, command } of sayModelChanges(allProfiles(), nowMs, { report, days: WEEK_DAYS }))
    out.warning(text, `Try on your labels what could follow: ${command}`);
}

const countsLine = (out: Output, { counts }: Stats): string =>
  VIEW_STATUSES.map((status) => {
    const count = stagesOf(status).reduce((sum, stage) => sum + counts[stage], 0);
    const text = `${formatCount(count)} ${status}`;
    return count > 0 ? paintStatus(out, status, text) : out.dim(text);
  }).join('  ');

function sampleLine({ images, ended, successRate, latency, costUsdPer1000 }: Stats['sample']): string {
  const facts = [
    successRate === null
      ? undefined
      : `${percent(successRate)} of ${formatCount(ended)} that ended are answered`,
    latency.totalMs &&
      `upload to answer p50 ${formatDuration(latency.totalMs.p50Ms)}, p95 ${formatDuration(latency.totalMs.p95Ms)}`,
    costUsdPer1000 === null ? undefined : `$${costUsdPer1000.toFixed(2)} for 1,000`,
  ];
  return `Of the newest ${plural(images, 'picture')}: ${facts.filter(Boolean).join('; ') || 'none has ended'}.`;
}

function failures(out: Output, sample: Stats['sample']): void {
  if (sample.failures.length === 0) return;
  out.line();
  out.table(
    [
      { title: 'WITHOUT AN ANSWER' },
      { title: 'ENDED' },
      { title: 'IMAGES', align: 'right' },
      { title: 'SHARE', align: 'right' },
    ],
    sample.failures.map(({ code, status, images, share }) => [
      code,
      status,
      formatCount(images),
      percent(share),
    ]),
  );
  for (const { code, share, hint } of sample.failures.filter(({ alarming }) => alarming))
    out.warning(`${percent(share)} of these pictures: ${code}.`, hint);
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
