import type { Command } from 'commander';
import { type BatchView, viewOfBatch } from '../../shared/results/api/batch-views.ts';
import { BatchJobs } from '../../shared/results/batches/jobs.ts';
import { picturesDone } from '../../shared/results/batches/progress.ts';
import { countWaiting } from '../../shared/results/batches/waiting.ts';
import { type Cli, examples } from '../cli.ts';
import { CliError } from '../failure.ts';
import { parseCount } from '../recovery/options.ts';
import { plain } from '../text/plain.ts';
import { formatAge, formatCount, plural } from '../text/units.ts';

interface BatchesOptions {
  limit: number;
  json?: boolean;
}

export function registerBatches(program: Command, cli: Cli): void {
  const batches = program
    .command('batches')
    .description('Batch jobs: pictures of the lane batch, at half the price')
    .addHelpText(
      'after',
      examples([
        ['batches list', 'what waits, what is under way, what has ended'],
        ['batches show batch-20261129-1f0e8b1c-7a21', 'one job, and what became of its pictures'],
        ['batches cancel batch-20261129-1f0e8b1c-7a21', 'its pictures go by other lanes'],
      ]),
    );
  batches
    .command('list')
    .description('The newest jobs, and how many pictures wait for one')
    .option('-n, --limit <n>', 'at most this many', parseCount, 20)
    .option('--json', 'one line of JSON for each job')
    .action((options: BatchesOptions) => list(cli, options));
  batches
    .command('show')
    .description('One job')
    .argument('<id>', 'as batches list prints it')
    .option('--json', 'as JSON')
    .action((id: string, options: BatchesOptions) => show(cli, id, options));
  batches
    .command('cancel')
    .description('Give a job up: what is not answered yet goes by flex and standard')
    .argument('<id>', 'as batches list prints it')
    .action((id: string) => cancel(cli, id));
}

/** Nobody works on jobs here. */
const jobsOf = async (cli: Cli): Promise<BatchJobs> =>
  new BatchJobs((await cli.target()).documents, { leaseMs: 0 });

async function list(cli: Cli, { limit, json }: BatchesOptions): Promise<void> {
  const { out } = cli;
  const { documents } = await cli.target();
  const [jobs, waiting] = await Promise.all([(await jobsOf(cli)).newest(limit), countWaiting(documents)]);
  const views = jobs.map(({ id, job }) => viewOfBatch(id, job));
  if (json) {
    for (const view of views) out.jsonLine(view);
    return;
  }
  const now = Date.now();
  if (views.length > 0)
    out.table(
      [
        { title: 'JOB' },
        { title: 'BEGUN' },
        { title: 'STATE' },
        { title: 'PICTURES' },
        { title: 'PROGRESS' },
        { title: 'PROFILE' },
        { title: 'MODEL', paint: out.dim },
      ],
      views.map((view) => [
        view.id,
        formatAge(new Date(view.createdAt), now),
        stateOf(view),
        formatCount(view.pictures),
        progressOf(view),
        plain(view.profile),
        view.model,
      ]),
    );
  out.line(
    `${views.length === 0 ? 'No batch jobs' : plural(views.length, 'batch job')}; ${plural(waiting, 'picture')} waiting for one.`,
  );
}

const stateOf = ({ state, outcome, cancelRequested }: BatchView): string =>
  state === 'ended' ? (outcome ?? 'ended') : cancelRequested ? 'cancelling' : state;

const progressOf = (view: BatchView): string =>
  view.pictures === 0 ? '' : `${Math.min(100, Math.round((picturesDone(view) / view.pictures) * 100))} %`;

async function show(cli: Cli, id: string, { json }: BatchesOptions): Promise<void> {
  const found = await (await jobsOf(cli)).get(id);
  if (!found) throw noSuchJob(id);
  const view = viewOfBatch(found.id, found.job);
  if (json) {
    cli.out.json(view);
    return;
  }
  const { counts } = view;
  const rows: [string, string][] = [
    ['job', view.id],
    ['state', stateOf(view)],
    ['progress', progressOf(view)],
    ['profile', `${plain(view.profile)} version ${view.profileVersion}`],
    ['model', `${view.model} (${view.api})`],
    ['pictures', formatCount(view.pictures)],
    ['answered', formatCount(counts.answered)],
    ['into another job', formatCount(counts.again)],
    ['by another lane', formatCount(counts.returned)],
    ['ended without answer', formatCount(counts.failed)],
    ['replaced or deleted', formatCount(counts.superseded)],
    ['cost', `$${view.costUsd.toFixed(4)} of $${view.reservedUsd.toFixed(4)} reserved`],
    ['begun', view.createdAt],
    ['given up at', view.deadline],
    ['ended', view.endedAt ?? ''],
    ["Google's name", view.name ?? ''],
    ['problem', plain(view.problem ?? '')],
  ];
  for (const [name, value] of rows) if (value !== '') cli.out.line(`${name.padEnd(22)}${value}`);
}

async function cancel(cli: Cli, id: string): Promise<void> {
  const outcome = await (await jobsOf(cli)).requestCancel(id);
  if (outcome === 'absent') throw noSuchJob(id);
  if (outcome === 'ended')
    throw new CliError(`The batch job ${id} has ended.`, { hint: 'pipeline batches show ID says how.' });
  cli.out.line(`${id} is given up within minutes; what is not answered yet goes by flex and standard.`);
}

const noSuchJob = (id: string): CliError =>
  new CliError(`There is no batch job ${plain(id)}.`, { hint: 'List them with pipeline batches list.' });
