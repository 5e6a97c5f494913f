import { type Command, InvalidArgumentError } from 'commander';
import { type Cli, examples } from '../cli.ts';
import type { DoctorOptions } from '../doctor/examine.ts';
import { printReport, reportJson, tallyOf } from '../doctor/report.ts';

interface ReportOptions {
  strict?: boolean;
  json?: boolean;
}

export function registerDoctor(program: Command, cli: Cli): void {
  program
    .command('doctor')
    .description('Say what is missing or wrong, and the command that fixes it')
    .option('--config', 'look at the configuration only: prices, models, profiles, variables')
    .option('--variables <file...>', 'variables to check, e.g. analyze-image.env for that function')
    .option('--name <name>', 'deployment: beginning of its names (default: from --bucket, else pictures)')
    .option('--region <region>', 'deployment: its region (default: where its bucket lies)')
    .option('--billing-account <id>', 'deployment: also look for its budget')
    .option(
      '--waiting <minutes>',
      'local cloud: a picture that does not move for this long is reported',
      parseMinutes,
      10,
    )
    .option('--api-root <url>', "ask this server instead of Google's, without credentials")
    .option('--strict', 'exit code 1 for warnings too')
    .option('--json', 'all findings, as JSON')
    .addHelpText(
      'after',
      `${examples([
        ['doctor', 'the local cloud if it runs, and the configuration'],
        ['doctor --project my-project-123', 'everything that terraform apply made there'],
        ['doctor --config --variables analyze-image.env', 'a file of variables, before it is used'],
        ['doctor --project my-project-123 --json --strict', 'for a pipeline of your own'],
      ])}\nNothing is changed, and no key is read. Exit code 1: there are errors.`,
    )
    .action((_options: unknown, command: Command) =>
      doctor(cli, command.optsWithGlobals<DoctorOptions & ReportOptions>()),
    );
}

function parseMinutes(text: string): number {
  const minutes = Number(text);
  if (!(minutes > 0)) throw new InvalidArgumentError('It is a number of minutes.');
  return minutes;
}

async function doctor(cli: Cli, options: DoctorOptions & ReportOptions): Promise<void> {
  // Google's authentication takes longer to load than help takes to read.
  const { examine } = await import('../doctor/examine.ts');
  const { label, topics } = await examine(cli, options);
  if (options.json) cli.out.json(reportJson(label, topics));
  else printReport(cli.out, label, topics);
  const { errors, warnings } = tallyOf(topics);
  if (errors > 0 || (options.strict && warnings > 0)) cli.endWith(1);
}
