import { createInterface } from 'node:readline/promises';
import { type Command, Option } from 'commander';
import { LANES, type Lane } from '../../shared/prices/lanes.ts';
import { Recovery } from '../../shared/results/recovery/recovery.ts';
import {
  type Checkpoint,
  checkpointPath,
  readCheckpoint,
  removeCheckpoint,
  writeCheckpoint,
} from '../backfill/checkpoint.ts';
import { createPricing } from '../backfill/price.ts';
import { BackfillProgress } from '../backfill/progress.ts';
import { type Backfill, type Counts, type Ending, runBackfill } from '../backfill/run.ts';
import { type Cli, examples } from '../cli.ts';
import { CliError, INTERRUPTED } from '../failure.ts';
import { useStoredProfiles } from '../profiles/stored.ts';
import { busOf } from '../recovery/bus.ts';
import { parseCount, parseUsd } from '../recovery/options.ts';
import { formatBytes, formatCount, plural } from '../text/units.ts';

interface BackfillOptions {
  dryRun?: boolean;
  yes?: boolean;
  maxImages?: number;
  maxUsd?: number;
  lane?: Lane;
  checkpoint?: string;
  json?: boolean;
  project?: string;
}

type Plan = Omit<Backfill, 'isDryRun' | 'after' | 'onProgress' | 'onPage'>;

export function registerBackfill(program: Command, cli: Cli): void {
  program
    .command('backfill')
    .description(
      'Send pictures that are in the bucket but have no result, e.g. uploaded before, or never announced',
    )
    .argument('<address>', 'gs://bucket or gs://bucket/prefix of the bucket for uploads')
    .option('--dry-run', 'only count them and estimate the price')
    .option('-y, --yes', 'do not ask before sending')
    .option('--max-images <n>', 'send at most this many', parseCount)
    .option('--max-usd <amount>', 'send no more than may be expected to cost so much', parseUsd)
    .addOption(new Option('--lane <lane>', 'how they are served and billed').choices(LANES))
    .option('--checkpoint <file>', 'where to keep how far it has come (default: in this folder)')
    .option('--json', 'the outcome as JSON')
    .addHelpText(
      'after',
      examples([
        ['backfill gs://uploads --dry-run', 'how many, and what they would cost'],
        ['backfill gs://uploads/inventory/ --max-usd 5', 'one folder, for at most $5'],
        ['backfill gs://uploads --lane batch', 'at half the price, within a day'],
        ['backfill gs://uploads --yes', 'for scripts; Ctrl-C stops it, the same command goes on'],
      ]),
    )
    .action((address: string, _options: unknown, command: Command) =>
      backfill(cli, address, command.optsWithGlobals<BackfillOptions>()),
    );
}

async function backfill(cli: Cli, address: string, options: BackfillOptions): Promise<void> {
  const target = await cli.target();
  await useStoredProfiles(target);
  const plan: Plan = {
    ...placeOf(address, target.uploadsBucket),
    buckets: target.buckets,
    recovery: new Recovery(target.documents, { staleMs: 0 }),
    bus: await busOf(target, cli.env, options.project),
    priceOf: createPricing(options.lane),
    lane: options.lane,
    maxImages: options.maxImages ?? Number.POSITIVE_INFINITY,
    maxUsd: options.maxUsd ?? Number.POSITIVE_INFINITY,
    signal: cli.interrupted,
  };
  if (options.dryRun) {
    report(cli, options, await count(cli, plan), { isDryRun: true });
    return;
  }
  const agreed = options.yes ? undefined : await agreement(cli, plan);
  if (agreed === 'no') return;

  const path = options.checkpoint ?? checkpointPath(cli.cwd, urlOf(plan));
  const before = await readCheckpoint(path, urlOf(plan));
  if (before) cli.out.note(`Going on after ${before.after} (${plural(before.sent, 'picture')} sent before).`);
  const outcome = await send(cli, plan, path, before, agreed);
  if (outcome.ending === 'all') await removeCheckpoint(path);
  report(cli, options, outcome, { isDryRun: false });
  if (outcome.ending !== 'interrupted') return;
  throw new CliError('Stopped.', {
    hint: 'The same command goes on where this one stopped.',
    exitCode: INTERRUPTED,
  });
}

const urlOf = ({ bucket, prefix }: Pick<Plan, 'bucket' | 'prefix'>): string => `gs://${bucket}/${prefix}`;

function placeOf(address: string, uploadsBucket: string): { bucket: string; prefix: string } {
  const [, bucket, prefix = ''] = /^gs:\/\/([^/]+)(?:\/(.*))?$/.exec(address) ?? [];
  if (bucket === undefined) {
    throw new CliError(`${address} names no bucket.`, { hint: `Write gs://${uploadsBucket}/PREFIX.` });
  }
  if (bucket === uploadsBucket) return { bucket, prefix };
  throw new CliError(`The pipeline reads gs://${uploadsBucket} only, not gs://${bucket}.`, {
    hint: `Copy the pictures; they are answered as they arrive: gcloud storage cp -r ${address} gs://${uploadsBucket}/`,
  });
}

/** Looks through everything without sending. */
async function count(cli: Cli, plan: Plan): Promise<Counts & { ending: Ending }> {
  const progress = new BackfillProgress(cli.out, 'to send');
  try {
    return await runBackfill({
      ...plan,
      isDryRun: true,
      after: undefined,
      onProgress: (counts) => progress.update(counts),
      onPage: () => Promise.resolve(),
    });
  } finally {
    progress.stop();
  }
}

/** How many pictures a person agreed to send. */
async function agreement(cli: Cli, plan: Plan): Promise<number | 'no'> {
  const { out } = cli;
  if (!process.stdin.isTTY || !out.interactive) {
    throw new CliError('Cannot ask for confirmation: not a terminal.', {
      hint: 'Look with --dry-run first, then add --yes; --max-images and --max-usd limit it.',
    });
  }
  const counted = await count(cli, plan);
  out.line(sentence(counted, true));
  if (counted.sent === 0) return 'no';
  const terminal = createInterface({ input: process.stdin, output: out.stderr });
  try {
    const answer = await terminal.question('Send them? [y/N] ', { signal: cli.interrupted });
    return /^y(es)?$/i.test(answer.trim()) ? counted.sent : 'no';
  } finally {
    terminal.close();
  }
}

async function send(
  cli: Cli,
  plan: Plan,
  path: string,
  before: Checkpoint | undefined,
  total: number | undefined,
): Promise<Counts & { ending: Ending }> {
  const progress = new BackfillProgress(cli.out, 'sent', total);
  const { checked = 0, sent = 0, usd = 0 } = before ?? {};
  try {
    return await runBackfill({
      ...plan,
      isDryRun: false,
      after: before?.after,
      onProgress: (counts) => progress.update(counts),
      onPage: (after, counts) =>
        writeCheckpoint(path, {
          url: urlOf(plan),
          after,
          checked: checked + counts.checked,
          sent: sent + counts.sent,
          usd: usd + counts.usd,
        }),
    });
  } finally {
    progress.stop();
  }
}

function report(
  { out }: Cli,
  { json }: BackfillOptions,
  outcome: Counts & { ending: Ending },
  { isDryRun }: { isDryRun: boolean },
): void {
  if (json) out.json({ ...outcome, dryRun: isDryRun });
  else out.line(sentence(outcome, isDryRun));
}

const ENDINGS: Readonly<Record<Ending, string>> = {
  all: '',
  'max-images': ' Stopped at --max-images.',
  'max-usd': ' Stopped at --max-usd.',
  interrupted: '',
};

function sentence(
  { checked, sent, usd, bytes, ending }: Counts & { ending: Ending },
  isDryRun: boolean,
): string {
  const looked = `${plural(checked, 'object')} looked at`;
  if (sent === 0) return `${looked}: all have a result.${ENDINGS[ending]}`;
  const price = `about $${usd < 1 ? usd.toFixed(4) : usd.toFixed(2)}`;
  const what = isDryRun ? 'without a result' : 'sent';
  return `${looked}, ${formatCount(sent)} ${what} (${formatBytes(bytes)}, ${price} at the first step of their ladder).${ENDINGS[ending]}`;
}
