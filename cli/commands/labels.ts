import { mkdir, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { type Cli, examples } from '../cli.ts';
import { CliError } from '../failure.ts';
import { formProblems, repeatProblems } from '../labels/check.ts';
import { deleteLabel } from '../labels/delete-label.ts';
import { keepFeedback } from '../labels/keep-feedback.ts';
import { keeperOf } from '../labels/keeper.ts';
import { labelSet } from '../labels/open-labels.ts';
import { LABELS_FILE } from '../labels/read-labels.ts';
import { writeLabels } from '../labels/write-labels.ts';
import { findProfile } from '../profiles/find.ts';
import { idOf } from '../results/reference.ts';
import { plural } from '../text/units.ts';

interface LabelOptions {
  profile: string;
  fromFeedback?: boolean;
  json?: boolean;
  jsonl?: boolean;
}

export function registerLabels(program: Command, cli: Cli): void {
  const labels = program
    .command('labels')
    .description(
      'What is right about pictures, for pipeline evaluate: list, check, export, import, keep, delete',
    )
    .addHelpText(
      'after',
      examples([
        ['labels check shelves/ -p inventory', 'does every label fit the profile?'],
        ['labels export shelves/ -p inventory --from-feedback', 'what people judged, as files'],
        ['labels import more.jsonl shelves/ -p inventory', 'adds labels to a folder'],
      ]),
    );
  const withSource = (command: Command): Command =>
    command
      .requiredOption('-p, --profile <name>', 'the profile whose answers they are')
      .option('--from-feedback', 'results that people marked right or corrected');
  withSource(labels.command('list').argument('[labels]', 'a folder or a .jsonl file'))
    .description('Show pictures and what is right about them')
    .option('--json', 'one object a line')
    .action((path: string | undefined, options: LabelOptions) => list(cli, path, options));
  withSource(labels.command('check').argument('[labels]', 'a folder or a .jsonl file'))
    .description('Find labels that fit no answer, pictures without one, and pictures that come twice')
    .option('--json', 'the problems as JSON')
    .action((path: string | undefined, options: LabelOptions) => check(cli, path, options));
  withSource(labels.command('export').argument('<folder>', 'where to write them; new or empty'))
    .description('Write the labels that people gave by their verdicts, with their pictures, into a folder')
    .option('--jsonl', 'one labels.jsonl instead of a .json beside each picture')
    .action((folder: string, options: LabelOptions) => exportLabels(cli, folder, options));
  labels
    .command('import')
    .description('Add the labels of another folder or file to a folder; those that do not fit are refused')
    .argument('<labels>', 'a folder or a .jsonl file')
    .argument('<folder>', 'the folder they are added to')
    .requiredOption('-p, --profile <name>', 'the profile whose answers they are')
    .action((from: string, folder: string, options: LabelOptions) =>
      importLabels(cli, from, folder, options),
    );
  labels
    .command('keep')
    .description('Make labels of verdicts that have none, with their pictures: once after an upgrade')
    .requiredOption('-p, --profile <name>', 'the profile whose answers they are')
    .action((options: LabelOptions) => keep(cli, options));
  labels
    .command('delete')
    .description('Delete labels that people gave, and their pictures; the verdicts stay')
    .argument('<results...>', 'names of uploads, or ids as `labels list --from-feedback` shows them')
    .action((references: string[]) => remove(cli, references));
}

async function keep(cli: Cli, { profile }: LabelOptions): Promise<void> {
  const target = await cli.target();
  const kept = await keepFeedback(target, keeperOf(cli, target), profile, cli.interrupted);
  for (const { place, text } of kept.problems) cli.out.line(`${cli.out.red('✗')} ${place}: ${text}`);
  cli.out.line(`${plural(kept.made, 'label')} made, ${kept.there} there before`);
  if (kept.problems.length > 0) cli.endWith(1);
}

async function remove(cli: Cli, references: readonly string[]): Promise<void> {
  const target = await cli.target();
  for (const reference of references) {
    if (await deleteLabel(target, idOf(reference, target.uploadsBucket)))
      cli.out.line(`${reference}: its label is deleted`);
    else {
      cli.out.remark(`${reference}: there is no label`);
      cli.endWith(1);
    }
  }
}

async function list(cli: Cli, path: string | undefined, options: LabelOptions): Promise<void> {
  const { profile } = await findProfile(cli, options.profile);
  const { labels, problems } = await labelSet(cli, path, profile, options.fromFeedback === true);
  if (options.fromFeedback) for (const { place, text } of problems) cli.out.remark(`${place}: ${text}`);
  if (options.json) {
    for (const { name, answer, said } of labels) cli.out.jsonLine({ picture: name, answer, ...said });
    return;
  }
  cli.out.table(
    [{ title: 'PICTURE' }, { title: 'LABEL', shrinkTo: 20 }],
    labels.map(({ name, answer }) => [name, JSON.stringify(answer)]),
  );
}

async function check(cli: Cli, path: string | undefined, options: LabelOptions): Promise<void> {
  const { out, interrupted } = cli;
  const { profile } = await findProfile(cli, options.profile);
  const set = await labelSet(cli, path, profile, options.fromFeedback === true);
  const problems = [
    ...set.problems,
    ...formProblems(set.labels, profile),
    ...(await repeatProblems(set.labels, interrupted)),
  ];
  if (options.json) out.json({ labels: set.labels.length, problems });
  else {
    for (const { place, text } of problems) out.line(`${out.red('✗')} ${place}: ${text}`);
    if (problems.length === 0)
      out.line(`${out.green('✓')} ${plural(set.labels.length, 'label')} fit ${profile.name}`);
  }
  if (problems.length > 0) cli.endWith(1);
}

async function exportLabels(cli: Cli, folder: string, options: LabelOptions): Promise<void> {
  const at = resolve(cli.cwd, folder);
  const inside = await readdir(at).catch(() => []);
  if (inside.length > 0)
    throw new CliError(`${folder} is not empty.`, {
      hint: 'Name a new folder; pipeline labels import adds to one.',
    });
  const { profile } = await findProfile(cli, options.profile);
  const { labels, problems } = await labelSet(cli, undefined, profile, true);
  for (const { place, text } of problems) cli.out.remark(`${place}: ${text}`);
  await mkdir(at, { recursive: true });
  await writeLabels(labels, at, options.jsonl ? 'jsonl' : 'json', cli.interrupted);
  cli.out.line(`${plural(labels.length, 'label')} written to ${folder}`);
}

async function importLabels(cli: Cli, from: string, folder: string, options: LabelOptions): Promise<void> {
  const { profile } = await findProfile(cli, options.profile);
  const { labels, problems } = await labelSet(cli, from, profile, false);
  const wrong = [...problems, ...formProblems(labels, profile)];
  if (wrong.length > 0) {
    for (const { place, text } of wrong) cli.out.remark(`${place}: ${text}`);
    throw new CliError('Nothing was imported.', { hint: 'Correct the labels above first.' });
  }
  const at = resolve(cli.cwd, folder);
  if (await stat(join(at, LABELS_FILE)).catch(() => undefined))
    throw new CliError(`The labels of ${folder} are lines of its ${LABELS_FILE}.`, {
      hint: 'Add lines there, or import into a folder with a .json beside each picture.',
    });
  const taken: string[] = [];
  for (const { name } of labels) if (await stat(resolve(at, name)).catch(() => undefined)) taken.push(name);
  if (taken.length > 0)
    throw new CliError(`${folder} has ${taken.slice(0, 5).join(', ')} already.`, {
      hint: 'Remove or rename them: two labels of one picture would contradict each other.',
    });
  await writeLabels(labels, at, 'json', cli.interrupted);
  cli.out.line(`${plural(labels.length, 'label')} added to ${folder}`);
}
