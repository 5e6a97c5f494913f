import type { Command } from 'commander';
import { FAILURE_CODES, FAILURES, type FailureCode } from '../../shared/base/errors/codes.ts';
import { modelsAsked } from '../../shared/profiles/decision-step.ts';
import { allProfiles } from '../../shared/profiles/index.ts';
import type { Control, Target } from '../../shared/results/pauses.ts';
import { Recovery } from '../../shared/results/recovery/recovery.ts';
import { wakeParked } from '../../shared/results/recovery/wake.ts';
import { type Cli, examples } from '../cli.ts';
import { CliError } from '../failure.ts';
import { controlOf } from '../recovery/control.ts';
import { plain } from '../text/plain.ts';
import { plural } from '../text/units.ts';

interface PauseOptions {
  for?: string;
  reason: string;
  model?: string;
}

interface ResumeOptions {
  model?: string;
  json?: boolean;
}

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

export function registerPause(program: Command, cli: Cli): void {
  program
    .command('pause')
    .description('Stop asking the model; pictures wait, nothing is lost')
    .option('--for <time>', 'how long: 30m, 2h, 1d (default: until pipeline resume)')
    .option(
      '--model <id>',
      'only this model; the next one of the ladder is asked instead, where there is one',
    )
    .option('--reason <text>', 'what the waiting pictures say', 'paused by hand')
    .addHelpText(
      'after',
      examples([
        ['pause --for 2h', 'resumes automatically in two hours'],
        ['pause --reason "checking the bill"', 'until pipeline resume'],
        ['pause --model gemini-3.8-flash --for 1d', 'the other models of each ladder answer'],
      ]),
    )
    .action((options: PauseOptions) => pause(cli, options));
}

export function registerResume(program: Command, cli: Cli): void {
  program
    .command('resume')
    .description('Lift every pause, those of models included; waiting pictures go on with the next sweep')
    .option('--model <id>', 'only the pause of this model')
    .option('--json', 'what was lifted, and how many pictures go on, as JSON')
    .addHelpText(
      'after',
      examples([
        ['resume', 'whatever is paused is asked again'],
        ['resume --model gemini-3.8-flash', 'other pauses stay'],
      ]),
    )
    .action((options: ResumeOptions) => resume(cli, options));
}

async function pause(cli: Cli, options: PauseOptions): Promise<void> {
  const until = options.for === undefined ? Number.POSITIVE_INFINITY : Date.now() + parseTime(options.for);
  const target = targetOf(options.model);
  const { reason } = options;
  const control = controlOf((await cli.target()).documents);
  const code = target === 'pipeline' ? 'PIPELINE_PAUSED' : 'MODEL_PAUSED_BY_HAND';
  await control.set(target, { until, code, reason });
  const what = target === 'pipeline' ? 'Paused' : `Paused ${target.model}`;
  cli.out.line(`${what} ${showEnd(until, target)}: ${plain(reason)}`);
}

async function resume(cli: Cli, { model, json }: ResumeOptions): Promise<void> {
  const { documents } = await cli.target();
  const control = controlOf(documents);
  const targets = model === undefined ? await everyTarget(control) : [targetOf(model)];
  for (const target of targets) await control.set(target, undefined);
  // What is parked says why, not by which pause: some may find another one and wait again, at no cost.
  const wanted = model === undefined ? ['model', 'pipeline'] : ['model'];
  const waiting = FAILURE_CODES.filter((code) => isWaiting(code, wanted));
  const woken = await wakeParked(new Recovery(documents, { staleMs: 0 }), waiting);
  const lifted = targets.map((target) => (target === 'pipeline' ? target : target.model));
  if (json) return cli.out.json({ lifted, woken });
  for (const one of lifted) cli.out.line(one === 'pipeline' ? 'Resumed.' : `Resumed ${one}.`);
  cli.out.line(
    woken === 0
      ? 'Pictures that waited go on with the next sweep.'
      : `${plural(woken, 'picture')} that waited ${woken === 1 ? 'goes' : 'go'} on with the next sweep.`,
  );
}

/** The pipeline in any case, so that it is known from when on it was let go on. */
async function everyTarget(control: Control): Promise<Target[]> {
  const paused = (await control.all()).map(({ target }) => target);
  return ['pipeline', ...paused.filter((target) => target !== 'pipeline')];
}

const isWaiting = (code: FailureCode, wanted: readonly string[]): boolean =>
  FAILURES[code].park && wanted.includes(FAILURES[code].pauses);

function targetOf(model: string | undefined): Target {
  if (model === undefined) return 'pipeline';
  const known = modelsAsked(allProfiles());
  if (known.includes(model)) return { model };
  throw new CliError(`No profile asks "${plain(model)}".`, { hint: `Name one of ${known.join(', ')}.` });
}

const showEnd = (until: number, target: Target): string => {
  if (Number.isFinite(until)) return `until ${new Date(until).toISOString()}`;
  return `until pipeline resume${target === 'pipeline' ? '' : ` --model ${target.model}`}`;
};

function parseTime(text: string): number {
  const match = /^(\d{1,4})([mhd])$/.exec(text.trim());
  const unit = UNITS_MS[match?.[2] ?? ''];
  if (match && unit !== undefined && Number(match[1]) > 0) return Number(match[1]) * unit;
  throw new CliError(`"${text}" is no time.`, { hint: 'Write 30m, 2h or 1d.' });
}
