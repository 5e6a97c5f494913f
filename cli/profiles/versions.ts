import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { differencesWithPictures } from '../../shared/profiles/file/differences.ts';
import { profileFiles, readProfileFolder } from '../../shared/profiles/folder.ts';
import { profilesFolder } from '../../shared/profiles/index.ts';
import type { StoredProfile } from '../../shared/profiles/store/profile-documents.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../failure.ts';
import type { Output } from '../output.ts';
import { formatMoment } from '../text/units.ts';
import { printDifferences } from './difference-lines.ts';
import { findOther, findProfile, ofProject } from './find.ts';
import { author, openStore, saying } from './stored.ts';

/** Versions and what happened, newest first. */
export function printHistory(out: Output, { versions, changes, active }: StoredProfile): void {
  out.line();
  out.line(`${out.bold('Versions')}`);
  out.table(
    [{ title: 'VERSION', align: 'right' }, { title: 'MADE' }, { title: 'BY' }, { title: '' }],
    versions
      .toReversed()
      .map(({ version, at, by }) => [
        String(version),
        formatMoment(at),
        by ?? '–',
        version === active ? 'active' : '',
      ]),
    '  ',
  );
  out.line();
  out.line(`${out.bold('Changes')}`);
  out.table(
    [{ title: 'WHEN' }, { title: 'WHAT' }, { title: 'ACTIVE FROM THEN', align: 'right' }, { title: 'BY' }],
    changes
      .toReversed()
      .map(({ action, version, at, by }) => [
        formatMoment(at),
        action,
        version === null ? 'none' : String(version),
        by ?? '–',
      ]),
    '  ',
  );
}

/** The active version against the file of this project, or one version or file against another. */
export async function diffProfile(cli: Cli, name: string, from?: string, to?: string): Promise<void> {
  const before = from === undefined ? await findProfile(cli, name) : await findOther(cli, name, from);
  const after = to === undefined ? await laterThan(cli, name, from) : await findOther(cli, name, to);
  const found = differencesWithPictures(before, after);
  const { out } = cli;
  if (found.length === 0) {
    out.line(`${name}: ${before.label} and ${after.label} say the same.`);
    return;
  }
  out.line(`${out.bold(name)}  from ${before.label} to ${after.label}`);
  printDifferences(out, found);
}

const laterThan = (cli: Cli, name: string, from: string | undefined) =>
  from === undefined ? ofProject(name) : findProfile(cli, name);

export async function rollBackProfile(cli: Cli, name: string, options: { to?: string }): Promise<void> {
  const to = options.to === undefined ? undefined : Number(options.to);
  if (to !== undefined && !Number.isInteger(to))
    throw new CliError(`"${options.to}" is no version.`, {
      hint: `pipeline profiles show ${name} lists them.`,
    });
  const store = await openStore(cli);
  const before = (await store.profile(name))?.active;
  const { version, outcome } = await saying(() => store.rollBack(name, to, author()));
  const { out } = cli;
  out.line(
    `${out.bold(name)}  version ${version} is active${outcome === 'unchanged' ? ' already' : ' again'}` +
      (before ? `, before version ${before}` : ''),
  );
}

export async function deleteProfile(cli: Cli, name: string): Promise<void> {
  const store = await openStore(cli);
  await saying(() => store.delete(name, { action: 'delete', by: author() }));
  cli.out.line(`${cli.out.bold(name)}  is deleted; pictures under way finish with their version`);
  cli.out.note(`Bring it back: pipeline profiles rollback ${name}`);
}

/** Writes the active versions as files, with their reference pictures. */
export async function exportProfiles(
  cli: Cli,
  names: readonly string[],
  options: { out?: string; force?: boolean },
): Promise<void> {
  const store = await openStore(cli);
  const active = await store.active();
  const wanted = names.length > 0 ? names : Object.keys(active);
  const folder = options.out === undefined ? profilesFolder() : resolve(cli.cwd, options.out);
  for (const name of wanted) {
    const version = active[name]?.version;
    const stored = version === undefined ? undefined : await store.version(name, version);
    if (!stored)
      throw new CliError(`There is no active profile ${name}.`, {
        hint: 'pipeline profiles list says what there is.',
      });
    const there = readProfileFolder(folder).find((one) => one.name === name);
    const file = join(
      folder,
      there?.file ?? `${name}.${stored.text.trimStart().startsWith('{') ? 'json' : 'yaml'}`,
    );
    const pictures = await store.pictures(name, stored.pictures);
    const files = new Map<string, string | Buffer>([
      [file, stored.text],
      ...[...pictures].map(([picture, bytes]): [string, Buffer] => [
        join(folder, 'references', picture),
        bytes,
      ]),
    ]);
    for (const [path, content] of files) await writeUnlessOther(cli, path, content, options.force === true);
    cli.out.line(`${relative(cli.cwd, file)}  version ${version}`);
  }
}

async function writeUnlessOther(
  { cwd }: Cli,
  path: string,
  content: string | Buffer,
  force: boolean,
): Promise<void> {
  const there = await readFile(path).catch(() => undefined);
  if (there && !there.equals(Buffer.from(content)) && !force)
    throw new CliError(`${relative(cwd, path)} says something else.`, {
      hint: 'Look with pipeline profiles diff NAME, then replace it with --force.',
    });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

/** Every file of a folder that `export` wrote, or of the project's own. */
export const filesToImport = (cli: Cli, folder: string): string[] => {
  const files = profileFiles(resolve(cli.cwd, folder));
  if (files.length === 0)
    throw new CliError(`There is no profile in ${folder}.`, { hint: 'Name a folder of YAML or JSON files.' });
  return files.map((file) => join(resolve(cli.cwd, folder), file));
};
