import type { Command } from 'commander';
import type { FailureCode } from '../../shared/base/errors/codes.ts';
import { Recovery } from '../../shared/results/recovery/recovery.ts';
import { type Cli, examples } from '../cli.ts';
import { CliError } from '../failure.ts';
import { busOf } from '../recovery/bus.ts';
import { parseCount, parseFailureCode } from '../recovery/options.ts';
import { replayDeadLetters } from '../recovery/replay-dead-letters.ts';
import { type Replaying, replayFailed, replayObject } from '../recovery/replay-results.ts';

interface ReplayOptions {
  deadLetters?: boolean;
  failed?: FailureCode;
  object?: string;
  anew?: boolean;
  dryRun?: boolean;
  limit: number;
  json?: boolean;
  project?: string;
}

export function registerReplay(program: Command, cli: Cli): void {
  program
    .command('replay')
    .description('Put pictures that failed or were given up back to work')
    .argument('[picture]', 'one picture: its name in the bucket, gs://bucket/name or the id of its result')
    .option('--dead-letters', 'the messages that were given up after too many deliveries')
    .option(
      '--failed <code>',
      'all results that failed, were refused or are parked with this code',
      parseFailureCode,
    )
    .option('--object <name>', 'the same as naming the picture')
    .option('--anew', 'make the prepared picture again too, e.g. after changing maxSide')
    .option('-n, --limit <n>', 'at most this many', parseCount, 10_000)
    .option('--dry-run', 'only say what would be done')
    .option('--json', 'one line of JSON for each picture or message')
    .addHelpText(
      'after',
      examples([
        ['replay --dead-letters', 'deliver again what was given up'],
        ['replay --failed MODEL_CREDENTIALS', 'after the key was corrected'],
        ['replay inventory/shelf.jpg', 'ask about one picture again'],
      ]),
    )
    .action((picture: string | undefined, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ReplayOptions>();
      return replay(cli, picture === undefined ? options : { ...options, object: picture });
    });
}

async function replay(cli: Cli, options: ReplayOptions): Promise<void> {
  const { deadLetters, failed, object } = options;
  if ([deadLetters, failed, object].filter((one) => one !== undefined).length !== 1) {
    throw new CliError('Say what to replay.', {
      hint: 'Name a picture, or add --dead-letters or --failed CODE.',
    });
  }
  const target = await cli.target();
  const bus = await busOf(target, cli.env, options.project);
  const replaying: Replaying = {
    out: cli.out,
    bus,
    buckets: target.buckets,
    recovery: new Recovery(target.documents, { staleMs: STALE_MS }),
    isDryRun: options.dryRun === true,
    asJson: options.json === true,
    anew: options.anew === true,
    limit: options.limit,
    signal: cli.interrupted,
  };
  if (failed !== undefined) await replayFailed(replaying, failed);
  else if (object !== undefined) await replayObject(replaying, object, target.uploadsBucket);
  else await replayDeadLetters(replaying);
}

/** The sweep looks after a replayed image from then on. Milliseconds. */
const STALE_MS = 900_000;
