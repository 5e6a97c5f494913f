import { readFile, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Profile } from '../../shared/profiles/define.ts';
import { readProfileText } from '../../shared/profiles/file/read-profile.ts';
import { nameOfFile, PROFILES_FOLDER, profileFiles } from '../../shared/profiles/folder.ts';
import {
  allProfiles,
  DEFAULT_PROFILE,
  profileNamed,
  profileNames,
  wantedPicture,
} from '../../shared/profiles/index.ts';
import { compileZod } from '../../shared/profiles/schema/compile.ts';
import { type Cli, examples } from '../cli.ts';
import { CliError } from '../failure.ts';
import { draftProfile } from '../profiles/draft.ts';
import { lintProfiles } from '../profiles/lint.ts';
import { printProfile, printTrial } from '../profiles/pages.ts';
import { referenceFacts } from '../profiles/references.ts';
import { answerTypes } from '../profiles/types.ts';
import { wrap } from '../text/width.ts';

export function registerProfiles(program: Command, cli: Cli): void {
  const profiles = program
    .command('profiles')
    .description('What can be asked of pictures: list, show, write, check, or try one on a picture')
    .addHelpText(
      'after',
      examples([
        ['profiles list', 'all of them'],
        ['profiles show inventory', 'prompt, fields, reference pictures and models'],
        ['profiles try inventory shelf.jpg', 'ask about one picture, store nothing'],
        [
          'profiles new receipt --ask "Read the receipt." shop total:number? day:date?',
          'write a file of your own',
        ],
        ['profiles lint', 'everything that is wrong with the files'],
      ]),
    );
  profiles
    .command('list', { isDefault: true })
    .description('All profiles')
    .option('--json', 'as JSON')
    .action((options: { json?: boolean }) => list(cli, options));
  profiles
    .command('show')
    .description('Prompt, fields, reference pictures and models of one profile')
    .argument('<name>', 'a profile')
    .option('--json', 'as JSON, with the schema that the model gets')
    .action((name: string, options: { json?: boolean }) => show(cli, name, options));
  profiles
    .command('try')
    .description('Ask about one picture with the code that is deployed, and store nothing')
    .argument('<profile>', 'a profile')
    .argument('<picture>', 'a file')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nWith GEMINI_API_KEY set, Gemini answers and bills you; without, the local reader does.',
    )
    .action((name: string, picture: string, options: { json?: boolean }) =>
      tryOut(cli, name, picture, options),
    );
  registerFiles(profiles, cli);
}

function registerFiles(profiles: Command, cli: Cli): void {
  profiles
    .command('new')
    .description('Write the file of a new profile')
    .argument('<name>', 'lower-case letters, digits and dashes')
    .argument(
      '[fields...]',
      'what an answer holds: name, name:type, name:type? (may be null), name:type[] (a list)',
    )
    .requiredOption('--ask <question>', 'what is asked of a picture, in a sentence or two')
    .option('--force', 'replace a file that is there')
    .action((name: string, fields: string[], options: { ask: string; force?: boolean }) =>
      writeNew(cli, name, fields, options),
    );
  profiles
    .command('lint')
    .description('Check the files of profiles, with line and remedy; exit code 1 when one cannot be used')
    .argument('[files...]', 'files; every file of profiles/ when left out')
    .option('--json', 'as JSON')
    .action((files: string[], options: { json?: boolean }) => lint(cli, files, options));
  profiles
    .command('types')
    .description('Print the zod schemas and types of the answers, for programs that read results')
    .argument('[names...]', 'profiles; all when left out')
    .action((names: string[]) =>
      cli.out.line(answerTypes(names.length > 0 ? names.map(required) : allProfiles()).trimEnd()),
    );
}

async function writeNew(
  { out, cwd }: Cli,
  name: string,
  fields: readonly string[],
  options: { ask: string; force?: boolean },
): Promise<void> {
  const text = draftProfile(options.ask, fields);
  const read = readProfileText(name, text);
  if ('problems' in read)
    throw new CliError(`This would be no profile: ${read.problems.map((one) => one.text).join('; ')}.`);
  const file = join(PROFILES_FOLDER, `${name}.yaml`);
  const taken = profileFiles(PROFILES_FOLDER).find((one) => nameOfFile(one) === name);
  if (taken !== undefined && !options.force)
    throw new CliError(`There is a profile ${name} already (${taken}).`, {
      hint: 'Choose another name, or replace it with --force.',
    });
  await writeFile(file, text);
  out.line(`${relative(cwd, file)} is written; npm start takes it up at once.`);
  out.line(out.dim(`Next: describe the fields in it, then: pipeline profiles try ${name} PICTURE`));
}

async function lint({ out, cwd }: Cli, files: readonly string[], options: { json?: boolean }): Promise<void> {
  const linted = await lintProfiles(files, cwd, Date.now());
  const broken = linted.filter(({ problems }) => problems.length > 0).length;
  if (options.json) out.json(linted);
  else {
    for (const { file, problems, warnings } of linted) {
      for (const problem of problems) out.line(`${out.red('✗')} ${problem}`);
      for (const warning of warnings) out.line(`${out.yellow('!')} ${warning}`);
      if (problems.length + warnings.length === 0) out.line(`${out.green('✓')} ${file}`);
    }
  }
  if (broken > 0) throw new CliError(`${broken} of ${linted.length} files cannot be used.`);
}

function required(name: string): Profile {
  const profile = profileNamed(name);
  if (profile) return profile;
  throw new CliError(`There is no profile "${name}".`, { hint: `There are: ${profileNames().join(', ')}.` });
}

function list({ out }: Cli, options: { json?: boolean }): void {
  const all = profileNames().map(required);
  if (options.json) {
    out.json(all.map(summary));
    return;
  }
  for (const profile of all) {
    const isDefault = profile.name === DEFAULT_PROFILE ? out.dim('  (default)') : '';
    out.line(`${out.bold(profile.name)}${isDefault}`);
    for (const line of wrap(profile.prompt, Math.min(out.width, 100) - 2)) out.line(`  ${out.dim(line)}`);
  }
}

const summary = (profile: Profile) => {
  const { name, version, prompt, minConfidence, cacheTtlHours, ladder } = profile;
  return { name, version, prompt, ...wantedPicture(profile), minConfidence, cacheTtlHours, ladder };
};

function show({ out }: Cli, name: string, options: { json?: boolean }): void {
  const profile = required(name);
  const { shape, responseSchema } = compileZod(profile.schema);
  const references = referenceFacts(profile);
  if (options.json) out.json({ ...summary(profile), references, responseSchema });
  else printProfile(out, profile, shape, references);
}

async function tryOut(cli: Cli, name: string, path: string, options: { json?: boolean }): Promise<void> {
  const profile = required(name);
  const input = await readFile(resolve(cli.cwd, path)).catch((error: NodeJS.ErrnoException) => {
    throw new CliError(`${path} cannot be read (${error.code}).`, {
      hint: 'Check the name and who may read it.',
    });
  });
  // The functions' code with its picture library is loaded for this command alone.
  const [{ chooseModel }, { tryProfile }] = await Promise.all([
    import('../profiles/model.ts'),
    import('../profiles/trial.ts'),
  ]);
  const model = await chooseModel(cli.env, cli.target);
  cli.out.note(`Asking ${model.label}; nothing is stored.`);
  const trial = await tryProfile(profile, input, model.call, cli.interrupted);
  if (options.json) cli.out.json(trial);
  else printTrial(cli.out, trial);
}
