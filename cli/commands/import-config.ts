import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { profileNames } from '../../shared/profiles/index.ts';
import { type Cli, examples } from '../cli.ts';
import { CliError } from '../failure.ts';
import { parseEnvFile } from '../import/env-file.ts';
import { profileSource, terraformVariables } from '../import/files.ts';
import type { Fate, Note } from '../import/plan.ts';
import { readSettings } from '../import/read-settings.ts';
import type { Output } from '../output.ts';
import { plain } from '../text/plain.ts';
import { displayWidth, padEnd, wrap } from '../text/width.ts';

interface ImportOptions {
  out: string;
  name: string;
  force?: boolean;
  json?: boolean;
}

export function registerImportConfig(program: Command, cli: Cli): void {
  program
    .command('import-config')
    .description('Take over the settings of the Firebase extensions for resizing and for Gemini')
    .argument('<files...>', 'the .env files of the extensions, as `firebase ext:export` writes them')
    .option('-o, --out <folder>', 'where to write terraform.tfvars and the profile', 'imported')
    .option('--name <profile>', 'what the profile is called', 'imported')
    .option('--force', 'replace files that are there')
    .option('--json', 'what becomes of each setting, as JSON')
    .addHelpText(
      'after',
      `${examples([
        ['import-config extensions/storage-resize-images.env', 'Resize Images'],
        ['import-config a.env b.env --name shelf-labels', 'both extensions, one profile'],
      ])}\nAn API key in the file is neither printed nor copied. More: docs/coming-from-firebase.md`,
    )
    .action((files: string[], options: ImportOptions) => importConfig(cli, files, options));
}

async function importConfig(cli: Cli, paths: readonly string[], options: ImportOptions): Promise<void> {
  const { out } = cli;
  checkName(options.name);
  const settings = new Map<string, string>();
  for (const path of paths) {
    for (const [name, value] of parseEnvFile(await read(resolve(cli.cwd, path), path)))
      settings.set(name, value);
  }
  const { extensions, plan, notes } = readSettings(settings);
  const folder = resolve(cli.cwd, options.out);
  const flag = options.force ? 'w' : 'wx';
  await mkdir(folder, { recursive: true });
  await write(join(folder, 'terraform.tfvars'), terraformVariables(plan, notes), flag);
  await write(join(folder, `${options.name}.yaml`), profileSource(plan), flag);
  if (options.json) {
    out.json({
      extensions,
      settings: notes,
      files: ['terraform.tfvars', `${options.name}.yaml`].map((f) => join(folder, f)),
    });
    return;
  }
  out.line(`${out.bold('Settings')}  ${out.dim(`of ${extensions.join(' and ')}`)}`);
  printNotes(out, notes);
  out.line();
  out.line(out.bold('Next'));
  out.line(`  1. Read ${options.out}/terraform.tfvars, fill in your project and move it to terraform/.`);
  out.line(`  2. Move ${options.out}/${options.name}.yaml to profiles/.`);
  out.line(`  3. Try it: pipeline profiles try ${options.name} photo.jpg`);
}

function checkName(name: string): void {
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(name)) {
    throw new CliError(`A profile cannot be called "${name}".`, {
      hint: 'Take lower-case letters, digits and dashes: --name shelf-labels',
    });
  }
  if (profileNames().includes(name)) {
    throw new CliError(`There is a profile "${name}" already.`, { hint: 'Choose another with --name.' });
  }
}

async function read(path: string, given: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CliError(`${given} cannot be read (${error.code}).`, {
      hint: 'Check the name and who may read it.',
    });
  });
}

async function write(path: string, text: string, flag: 'w' | 'wx'): Promise<void> {
  await writeFile(path, text, { flag }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST'
      ? new CliError(`${path} exists already.`, {
          hint: 'Choose another folder with --out, or replace it with --force.',
        })
      : new CliError(`${path} cannot be written (${error.code}).`, {
          hint: 'Choose another folder with --out.',
        });
  });
}

const SIGNS: Readonly<Record<Fate, string>> = { kept: '=', changed: '→', dropped: '–', unknown: '?' };

function printNotes(out: Output, notes: readonly Note[]): void {
  const cells = Math.max(...notes.map(({ setting }) => displayWidth(setting)));
  const indent = cells + 6;
  const lineCells = Math.max(40, Math.min(out.width, 120) - indent);
  for (const { setting, fate, text } of notes) {
    const [first = '', ...rest] = wrap(plain(text), lineCells);
    const sign = fate === 'kept' ? out.green(SIGNS[fate]) : out.yellow(SIGNS[fate]);
    out.line(`  ${sign} ${padEnd(plain(setting), cells)}  ${out.dim(first)}`);
    for (const line of rest) out.line(`${' '.repeat(indent)}${out.dim(line)}`);
  }
  out.line();
  out.line(out.dim('  = taken over   → becomes something else   – no counterpart   ? not known'));
}
