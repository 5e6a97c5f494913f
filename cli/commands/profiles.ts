import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Profile } from '../../shared/profiles/define.ts';
import { DEFAULT_PROFILE, profileNamed, profileNames } from '../../shared/profiles/index.ts';
import { wantedPicture } from '../../shared/profiles/preparation.ts';
import { compileZod } from '../../shared/profiles/schema/compile.ts';
import { type Cli, examples } from '../cli.ts';
import { CliError } from '../failure.ts';
import { printProfile, printTrial } from '../profiles/pages.ts';
import { referenceFacts } from '../profiles/references.ts';
import { wrap } from '../text/width.ts';

export function registerProfiles(program: Command, cli: Cli): void {
  const profiles = program
    .command('profiles')
    .description('What can be asked of pictures: list, show, or try one on a picture')
    .addHelpText(
      'after',
      examples([
        ['profiles list', 'all of them'],
        ['profiles show inventory', 'prompt, fields, reference pictures and models'],
        ['profiles try inventory shelf.jpg', 'ask about one picture, store nothing'],
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
