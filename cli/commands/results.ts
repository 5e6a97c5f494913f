import { type Command, InvalidArgumentError } from 'commander';
import type { StoredResult } from '../../shared/results/reading.ts';
import { viewOf } from '../../shared/results/view.ts';
import { type Cli, examples } from '../cli.ts';
import { CliError } from '../failure.ts';
import type { Output } from '../output.ts';
import { gist } from '../results/line.ts';
import { type ResultFilter, readPages } from '../results/pages.ts';
import { warnOfUnknownProfile } from '../results/profile.ts';
import { paintStatus, parseStatus, signOf } from '../results/status.ts';
import { csvRecord } from '../text/csv.ts';
import { plain } from '../text/plain.ts';
import type { Column } from '../text/table.ts';
import { formatAge, formatDuration, parseMoment } from '../text/units.ts';

interface ResultsOptions {
  status?: string;
  profile?: string;
  uploader?: string;
  since?: string;
  limit: number;
  json?: boolean;
  csv?: boolean;
}

export function registerResults(program: Command, cli: Cli): void {
  program
    .command('results')
    .description('List results, newest first')
    .option('-s, --status <status>', 'queued, processing, completed, failed, refused or parked')
    .option('-p, --profile <name>', 'only pictures of this profile')
    .option('--uploader <who>', 'only pictures that this uploader sent')
    .option('--since <when>', 'only pictures since then: 90m, 24h, 7d or a date')
    .option('-n, --limit <n>', 'at most this many', parseLimit, 20)
    .option('--json', 'a JSON list of whole results')
    .option('--csv', 'comma-separated values')
    .addHelpText(
      'after',
      examples([
        ['results', 'the last 20'],
        ['results --status failed --since 24h', 'what went wrong since yesterday'],
        ['results --profile inventory --limit 1000 --csv', 'for a spreadsheet; all answers: pipeline export'],
      ]),
    )
    .action((options: ResultsOptions) => results(cli, options));
}

function parseLimit(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 100_000)
    throw new InvalidArgumentError('It is a whole number from 1 to 100000.');
  return value;
}

export function parseSince(text: string): Date {
  const since = parseMoment(text, Date.now());
  if (since) return since;
  throw new CliError(`"${text}" is no time.`, { hint: 'Write 90m, 24h, 7d or a date such as 2026-11-20.' });
}

async function results(cli: Cli, options: ResultsOptions): Promise<void> {
  const { out } = cli;
  if (options.json && options.csv) {
    throw new CliError('Results are written as JSON or as CSV, not as both.', {
      hint: 'Leave out --json or --csv.',
    });
  }
  const filter: ResultFilter = {
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    ...(options.status === undefined ? {} : { status: parseStatus(options.status) }),
    ...(options.uploader === undefined ? {} : { uploader: options.uploader }),
    ...(options.since === undefined ? {} : { since: parseSince(options.since) }),
  };
  const target = await cli.target();
  const found: StoredResult[] = [];
  for await (const result of readPages(target.results, filter, Math.min(options.limit, 300))) {
    found.push(result);
    if (found.length === options.limit) break;
  }
  if (found.length === 0) await warnOfUnknownProfile(out, target, options.profile);
  if (options.json) return out.json(found.map(({ id, document }) => viewOf(id, document)));
  if (options.csv) return out.write(csv(found));
  if (found.length > 0) return table(out, found);
  const filtered = Object.keys(filter).length > 0;
  out.note(
    filtered
      ? 'No results match. Leave out an option to see more.'
      : 'No results yet. Send a picture: pipeline upload photo.jpg --watch',
  );
}

const COLUMNS = (out: Output): Column[] => [
  { title: 'STATUS', paint: (cell) => paintStatus(out, wordOf(cell), cell) },
  { title: 'NAME', shrinkTo: 20 },
  { title: 'PROFILE' },
  { title: 'WHEN' },
  { title: 'TIME', align: 'right' },
  { title: 'RESULT', shrinkTo: 16, paint: out.dim },
];

/** The status in a painted cell, which begins with its sign. */
const wordOf = (cell: string): 'completed' | 'failed' | 'parked' | 'processing' => {
  if (cell.startsWith(signOf('completed'))) return 'completed';
  if (cell.startsWith(signOf('failed'))) return 'failed';
  return cell.startsWith(signOf('parked')) ? 'parked' : 'processing';
};

function table(out: Output, found: readonly StoredResult[]): void {
  const now = Date.now();
  const rows = found.map(({ document }) => [
    `${signOf(document.status)} ${document.status}`,
    plain(document.source.name),
    plain(document.profile),
    formatAge(document.createdAt, now),
    document.timings.totalMs === undefined ? '' : formatDuration(document.timings.totalMs),
    gist(document),
  ]);
  out.table(COLUMNS(out), rows);
}

function csv(found: readonly StoredResult[]): string {
  const head = [
    'id',
    'status',
    'profile',
    'url',
    'uploader',
    'createdAt',
    'totalMs',
    'code',
    'message',
    'answer',
  ];
  const records = found.map(({ id, document: { source, timings, failure, ...document } }) => [
    id,
    document.status,
    document.profile,
    `gs://${source.bucket}/${source.name}`,
    source.uploader,
    document.createdAt,
    timings.totalMs,
    failure?.code,
    failure?.message,
    document.answer,
  ]);
  return [head, ...records].map((record) => csvRecord(record)).join('');
}
