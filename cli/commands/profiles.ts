import type { Command } from 'commander';
import { allProfiles } from '../../shared/profiles/index.ts';
import { type Cli, examples } from '../cli.ts';
import { CliError } from '../failure.ts';
import { findProfile } from '../profiles/find.ts';
import { lintProfiles } from '../profiles/lint.ts';
import { listProfiles, showProfile } from '../profiles/listing.ts';
import { writeNew } from '../profiles/new.ts';
import { tryOut } from '../profiles/try.ts';
import { answerTypes } from '../profiles/types.ts';
import { registerStoredProfiles } from './stored-profiles.ts';

export function registerProfiles(program: Command, cli: Cli): void {
  const profiles = program
    .command('profiles')
    .description('What is asked of pictures: list, show, write, check, try, push, compare, roll back')
    .addHelpText(
      'after',
      examples([
        ['profiles list', 'all of them, with the version that is asked'],
        [
          'profiles new receipt --ask "Read the receipt." shop total:number? day:date?',
          'write a file of your own',
        ],
        [
          'profiles new receipt --ask "Read the receipt." --from receipt.jpg',
          'with fields found in a picture',
        ],
        ['profiles lint', 'everything that is wrong with the files'],
        ['profiles try receipt a.jpg b.jpg', 'ask about pictures, store nothing'],
        ['profiles try profiles/receipt.yaml *.jpg --against 2', 'field by field, before it is pushed'],
        ['profiles push receipt', 'ask by it from now on, without a deployment'],
        ['profiles rollback receipt', 'ask by the version before again'],
      ]),
    );
  profiles
    .command('list', { isDefault: true })
    .description('All profiles of the pipeline; without one, those of this project')
    .option('--json', 'as JSON')
    .action((options: { json?: boolean }) => listProfiles(cli, options));
  profiles
    .command('show')
    .description('Prompt, fields, reference pictures, models and history of one profile')
    .argument('<name>', 'a profile, or a file')
    .option('--of <version>', 'a version of it; the active one when left out')
    .option('--file', 'only the file, as it was written')
    .option('--json', 'as JSON, with the schema that the model gets')
    .action((name: string, options: { of?: string; file?: boolean; json?: boolean }) =>
      showProfile(cli, name, options),
    );
  profiles
    .command('try')
    .description('Ask about pictures with the code that is deployed, and store nothing')
    .argument('<profile>', 'a profile, or a file that is not pushed yet')
    .argument('<picture...>', 'files')
    .option('--against <version>', 'show the fields that differ from this version, or from a file')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nWith GEMINI_API_KEY set, Gemini answers and bills you; without, the local reader does.',
    )
    .action((what: string, pictures: string[], options: { against?: string; json?: boolean }) =>
      tryOut(cli, what, pictures, options),
    );
  registerFiles(profiles, cli);
  registerStoredProfiles(profiles, cli);
}

function registerFiles(profiles: Command, cli: Cli): void {
  profiles
    .command('new')
    .description('Write the file of a new profile; asks for what is left out, at a terminal')
    .argument('[name]', 'lower-case letters, digits and dashes')
    .argument(
      '[fields...]',
      'what an answer holds: name, name:type, name:type? (may be null), name:type[] (a list)',
    )
    .option('--ask <question>', 'what is asked of a picture, in a sentence or two')
    .option(
      '--from <picture>',
      'propose fields: by Gemini with GEMINI_API_KEY, else by what can be read in it',
    )
    .option('--force', 'replace a file that is there')
    .action(
      (
        name: string | undefined,
        fields: string[],
        options: { ask?: string; from?: string; force?: boolean },
      ) => writeNew(cli, name, fields, options),
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
    .argument('[names...]', 'profiles; all of this project when left out')
    .action(async (names: string[]) => {
      const found = await Promise.all(names.map((name) => findProfile(cli, name)));
      const chosen = names.length > 0 ? found.map(({ profile }) => profile) : allProfiles();
      cli.out.line(answerTypes(chosen).trimEnd());
    });
}

async function lint({ out, cwd }: Cli, files: readonly string[], options: { json?: boolean }): Promise<void> {
  const linted = await lintProfiles(files, cwd, Date.now());
  const broken = linted.filter(({ problems }) => problems.length > 0).length;
  if (options.json) out.json(linted.map(({ candidate: _candidate, ...one }) => one));
  else {
    for (const { file, problems, warnings } of linted) {
      for (const problem of problems) out.line(`${out.red('✗')} ${problem}`);
      for (const warning of warnings) out.line(`${out.yellow('!')} ${warning}`);
      if (problems.length + warnings.length === 0) out.line(`${out.green('✓')} ${file}`);
    }
  }
  if (broken > 0) throw new CliError(`${broken} of ${linted.length} files cannot be used.`);
}
