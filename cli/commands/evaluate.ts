import type { Command } from 'commander';
import { type Cli, examples } from '../cli.ts';
import { holdAgainst, readBaseline } from '../evaluate/baseline.ts';
import * as parse from '../evaluate/options.ts';
import { CliError } from '../failure.ts';
import { openLabels } from '../labels/open-labels.ts';
import { fileToChange, findProfile } from '../profiles/find.ts';

const DEFAULTS = { repeat: 1, maxUsd: 2, concurrency: 8, target: 0.98, maxDrop: 0.01 };

export function registerEvaluate(program: Command, cli: Cli): void {
  program
    .command('evaluate')
    .description('Say how good the answers are, what they cost, and which ladder is enough')
    .argument('[labels]', 'a folder of pictures with a .json of what is right beside each, or a .jsonl file')
    .option('-p, --profile <name>', 'the profile whose active version is asked, or the file of one')
    .option('--from-feedback', 'take the results that people marked right or corrected as labels')
    .option('--models <list>', 'models to try (default: those of the ladder)', parse.modelList)
    .option(
      '--resolutions <list>',
      'LOW,MEDIUM,HIGH,ULTRA_HIGH (default: those of the ladder)',
      parse.resolutionList,
    )
    .option(
      '--sides <list>',
      'long sides of the prepared picture in pixels (default: the maxSide)',
      parse.sideList,
    )
    .option('--lanes <list>', 'standard,flex,priority (default: standard)', parse.laneList)
    .option('--repeat <n>', 'how often each question is asked', parse.wholeFrom1(20), DEFAULTS.repeat)
    .option(
      '--target <share>',
      'the score that the recommended ladder is to reach',
      parse.share,
      DEFAULTS.target,
    )
    .option(
      '--max-usd <usd>',
      'never spend more on this run, its interruptions included',
      parse.usd,
      DEFAULTS.maxUsd,
    )
    .option('--concurrency <n>', 'questions at once', parse.wholeFrom1(64), DEFAULTS.concurrency)
    .option('--run <folder>', 'where answers and reports are kept (default: evaluation-<profile>)')
    .option('--successors', 'try what could follow the models that end or change their price within 90 days')
    .option('--baseline <report.json>', 'fail when a figure fell against that earlier run')
    .option(
      '--max-drop <share>',
      'with --baseline: by how much a figure may fall',
      parse.share,
      DEFAULTS.maxDrop,
    )
    .option('--write', "write the recommended ladder into the profile's file")
    .option('-y, --yes', 'spend without asking')
    .option('--json', 'print report.json instead of tables')
    .addHelpText(
      'after',
      examples([
        ['evaluate shelves/ --profile inventory', 'the steps of its ladder'],
        ['evaluate shelves/ -p inventory --sides 1024,2048,3072', 'how small may a picture be?'],
        ['evaluate shelves/ -p inventory --models gemini-3.5-flash-lite,gemini-3.8-flash', 'which model?'],
        ['evaluate shelves/ -p inventory --baseline last/report.json', 'in CI: fails when it got worse'],
        ['evaluate shelves/ -p inventory --target 0.95 --write', 'the cheapest ladder that is enough'],
        ['evaluate shelves/ -p inventory --successors', 'before a model ends or gets dearer'],
        ['evaluate --from-feedback -p inventory', 'labels that people gave by their verdicts'],
      ]),
    )
    .action((path: string | undefined, options: parse.EvaluateOptions) =>
      evaluatePictures(cli, path, options),
    );
}

async function evaluatePictures(
  cli: Cli,
  path: string | undefined,
  options: parse.EvaluateOptions,
): Promise<void> {
  if (options.profile === undefined)
    throw new CliError('Which profile?', {
      hint: 'Add --profile NAME, or the file of one; pipeline profiles list says what there is.',
    });
  const found = await findProfile(cli, options.profile);
  // Before the money is spent.
  const file = options.write ? fileToChange(found) : undefined;
  const { profile } = found;
  const labels = await openLabels(cli, path, profile, options.fromFeedback === true);
  // The functions' code with its picture library is loaded for this command alone.
  const [{ execute }, { printFuture }, { printEvaluation }] = await Promise.all([
    import('../evaluate/execute.ts'),
    import('../evaluate/successors.ts'),
    import('../evaluate/report/terminal.ts'),
  ]);
  // A mistake in its name must not be found after the money is spent.
  const baseline = options.baseline === undefined ? undefined : await readBaseline(options.baseline, cli.cwd);
  const { evaluation, variants, files } = await execute(cli, profile, labels, options);
  if (options.json) cli.out.json(evaluation);
  else printEvaluation(cli.out, evaluation);
  if (!options.json && options.successors) printFuture(cli.out, profile, evaluation, Date.now());
  cli.out.note(`Written: ${files.join(', ')}`);
  if (file !== undefined && evaluation.recommendation) {
    const { writeLadder } = await import('../evaluate/write-ladder.ts');
    await writeLadder(file, profile, variants, evaluation.recommendation);
    cli.out.remark(`The recommended ladder is in ${file}.`);
  }
  if (baseline)
    holdAgainst(cli, baseline, evaluation, { path: options.baseline ?? '', maxDrop: options.maxDrop });
}
