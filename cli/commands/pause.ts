import type { Command } from 'commander';
import type { Log } from '../../shared/base/log.ts';
import { Control } from '../../shared/results/pauses.ts';
import { type Cli, examples } from '../cli.ts';
import { CliError } from '../failure.ts';

interface PauseOptions {
  for?: string;
  reason: string;
}

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

const nothing = () => undefined;
const QUIET: Log = { info: nothing, warn: nothing, error: nothing };

export function registerPause(program: Command, cli: Cli): void {
  program
    .command('pause')
    .description('Stop asking the model; pictures wait, nothing is lost')
    .option('--for <time>', 'how long: 30m, 2h, 1d (default: until pipeline resume)')
    .option('--reason <text>', 'what the waiting pictures say', 'paused by hand')
    .addHelpText(
      'after',
      examples([
        ['pause --for 2h', 'goes on by itself in two hours'],
        ['pause --reason "checking the bill"', 'until pipeline resume'],
      ]),
    )
    .action((options: PauseOptions) => pause(cli, options));
}

export function registerResume(program: Command, cli: Cli): void {
  program
    .command('resume')
    .description('Lift the pause, whoever set it; waiting pictures go on with the next sweep')
    .addHelpText('after', examples([['resume', 'the model is asked again']]))
    .action(() => resume(cli));
}

async function pause(cli: Cli, options: PauseOptions): Promise<void> {
  const until = options.for === undefined ? Number.POSITIVE_INFINITY : Date.now() + parseTime(options.for);
  const { documents } = await cli.target();
  const { reason } = options;
  const control = new Control(documents, { cacheMs: 0, log: QUIET });
  await control.set('pipeline', { until, code: 'PIPELINE_PAUSED', reason });
  cli.out.line(`Paused ${showEnd(until)}: ${reason}`);
}

async function resume(cli: Cli): Promise<void> {
  const { documents } = await cli.target();
  await new Control(documents, { cacheMs: 0, log: QUIET }).set('pipeline', undefined);
  cli.out.line('Resumed. Pictures that waited go on with the next sweep.');
}

const showEnd = (until: number): string =>
  Number.isFinite(until) ? `until ${new Date(until).toISOString()}` : 'until pipeline resume';

function parseTime(text: string): number {
  const match = /^(\d{1,4})([mhd])$/.exec(text.trim());
  const unit = UNITS_MS[match?.[2] ?? ''];
  if (match && unit !== undefined && Number(match[1]) > 0) return Number(match[1]) * unit;
  throw new CliError(`"${text}" is no time.`, { hint: 'Write 30m, 2h or 1d.' });
}
