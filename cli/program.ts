import { resolve } from 'node:path';
import { styleText } from 'node:util';
import { Command, CommanderError } from 'commander';
import { readProfilesFrom } from '../shared/profiles/index.ts';
import type { Cli } from './cli.ts';
import { registerBackfill } from './commands/backfill.ts';
import { registerBatches } from './commands/batches.ts';
import { registerBudgetTest } from './commands/budget-test.ts';
import { registerCost } from './commands/cost.ts';
import { registerDeadLetters } from './commands/dead-letters.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerEnv } from './commands/env.ts';
import { registerEvaluate } from './commands/evaluate.ts';
import { registerExport } from './commands/export.ts';
import { registerImportConfig } from './commands/import-config.ts';
import { registerLabels } from './commands/labels.ts';
import { registerOverview } from './commands/overview.ts';
import { registerPause, registerResume } from './commands/pause.ts';
import { registerPrices } from './commands/prices.ts';
import { registerProfiles } from './commands/profiles.ts';
import { registerReplay } from './commands/replay.ts';
import { registerResults } from './commands/results.ts';
import { registerReview } from './commands/review.ts';
import { registerShow } from './commands/show.ts';
import { registerUpload } from './commands/upload.ts';
import { registerWatch } from './commands/watch.ts';
import { registerWebhook } from './commands/webhook.ts';
import { CliError, explain, INTERRUPTED } from './failure.ts';
import { Output } from './output.ts';
import type { Target, TargetOptions } from './target.ts';

/**
 * The command line: `npx pipeline ...` or `npm run pipeline -- ...`.
 *
 * A command is one file in `commands/`. It exports one function that adds the command to the program and gets
 * everything else from `Cli`: where to write (`out`), which pipeline to talk to (`target()`), Ctrl-C (`interrupted`).
 * To add one, write `commands/<name>.ts` and put its function into a group of COMMANDS. An action throws a CliError
 * (what happened, what to do next) or any failure of the pipeline; `explain` makes a sentence of it.
 */
type Register = (program: Command, cli: Cli) => void;

const COMMANDS: readonly { group: string; commands: readonly Register[] }[] = [
  {
    group: 'Pictures and results:',
    commands: [registerUpload, registerWatch, registerResults, registerShow, registerReview, registerExport],
  },
  {
    group: 'How good is it:',
    commands: [registerEvaluate, registerLabels],
  },
  {
    group: 'Recovery:',
    commands: [registerOverview, registerDoctor, registerDeadLetters, registerReplay, registerBackfill],
  },
  {
    group: 'Money:',
    commands: [
      registerCost,
      registerBatches,
      registerPrices,
      registerBudgetTest,
      registerPause,
      registerResume,
    ],
  },
  {
    group: 'Setting up:',
    commands: [registerProfiles, registerImportConfig, registerEnv, registerWebhook],
  },
];

/** A command that does not end on Ctrl-C is ended after this time, in milliseconds. */
const GRACE_MS = 3_000;

interface GlobalOptions extends TargetOptions {
  color: boolean;
  verbose?: boolean;
}

function buildProgram(out: Output): Command {
  const program = new Command('pipeline')
    .description('Send pictures through the pipeline and read what comes out.')
    .option(
      '--data <dir>',
      'local cloud: the folder it keeps its data in (default: .local, or PIPELINE_DATA)',
    )
    .option('--project <id>', 'deployment: its Google Cloud project (or GOOGLE_CLOUD_PROJECT)')
    .option('--bucket <name>', 'deployment: its bucket for uploads (or UPLOADS_BUCKET)')
    .option('--prepared-bucket <name>', 'deployment: its bucket of prepared pictures (or PREPARED_BUCKET)')
    .option('--database <id>', 'deployment: its Firestore database (or FIRESTORE_DATABASE)')
    .option('--no-color', 'no colors (or NO_COLOR)')
    .option('--verbose', 'show the technical cause of an error')
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (title) => styleText('bold', title, { stream: out.stdout }),
    })
    .configureOutput({
      writeErr: (text) => out.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, '✗ ')),
    })
    .exitOverride()
    .addHelpText(
      'after',
      '\nWithout --project and --bucket a command talks to the local cloud that `npm start` runs.\n' +
        'Help and examples of a command: pipeline <command> --help',
    );
  program.helpCommand(false);
  return program;
}

async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--no-color')) process.env['NO_COLOR'] = '1';
  const out = new Output(process.stdout, process.stderr);
  const program = buildProgram(out);
  let exitCode = 0;
  let target: Promise<Target> | undefined;
  const cli: Cli = {
    out,
    env: process.env,
    cwd: typedIn(process.env),
    interrupted: interruption(),
    target: () => {
      // Google's clients take longer to load than help takes to read.
      target ??= import('./target.ts').then(({ findTarget }) =>
        findTarget(program.opts<GlobalOptions>(), process.env, cli.cwd),
      );
      return target;
    },
    endWith: (code) => {
      exitCode = code;
    },
  };
  const profiles = process.env['PROFILES_FOLDER'];
  if (profiles) readProfilesFrom(resolve(cli.cwd, profiles));
  for (const { group, commands } of COMMANDS) {
    program.commandsGroup(group);
    for (const register of commands) register(program, cli);
  }
  let hasEnded = false;
  // Google's clients leave rejections that nobody waits for, such as missing credentials: said once, without a stack.
  process.on('unhandledRejection', (error) => {
    if (hasEnded) return;
    hasEnded = true;
    process.exit(report(error, out, program.opts<GlobalOptions>(), cli.interrupted));
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error, out, program.opts<GlobalOptions>(), cli.interrupted);
  } finally {
    hasEnded = true;
    // A client that never found its credentials cannot be closed either.
    await target?.then(({ documents }) => documents.close()).catch(() => undefined);
  }
}

function report(error: unknown, out: Output, options: GlobalOptions, interrupted: AbortSignal): number {
  // commander has said everything already.
  if (error instanceof CommanderError) return error.exitCode;
  if (interrupted.aborted && !(error instanceof CliError)) return INTERRUPTED;
  const { message, hint } = explain(error);
  out.error(message, hint);
  if (options.verbose) console.error(error);
  return error instanceof CliError ? error.exitCode : 1;
}

/** `npm run` changes into the project's folder and remembers where the person stood. */
const typedIn = (env: NodeJS.ProcessEnv): string =>
  env['npm_lifecycle_event'] === 'pipeline' ? (env['INIT_CWD'] ?? process.cwd()) : process.cwd();

/** The first Ctrl-C asks the command to end, the second ends it. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(INTERRUPTED);
      controller.abort(new CliError('Stopped.', { exitCode: INTERRUPTED }));
      setTimeout(() => process.exit(INTERRUPTED), GRACE_MS).unref();
    });
  }
  return controller.signal;
}

// A reader that has seen enough (`| head`) closes the pipe: that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

// What Google's clients warn of on their way is said by the command itself, in words.
process.removeAllListeners('warning');

process.exitCode = await main(process.argv.slice(2));
// Idle connections to Google would keep the process for seconds.
setTimeout(() => process.exit(), 100).unref();
