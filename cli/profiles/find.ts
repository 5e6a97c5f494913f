import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Profile } from '../../shared/profiles/define.ts';
import { differencesWithPictures } from '../../shared/profiles/file/differences.ts';
import { readProfileValue } from '../../shared/profiles/file/read-profile.ts';
import { readProfileFolder } from '../../shared/profiles/folder.ts';
import { isInTypeScript, profileNamed, profileNames, profilesFolder } from '../../shared/profiles/index.ts';
import { readFrom, takeReferences } from '../../shared/profiles/references.ts';
import { type Candidate, candidateOf } from '../../shared/profiles/store/candidate.ts';
import type { ProfileStore } from '../../shared/profiles/store/profile-store.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../failure.ts';
import { lintProfiles } from './lint.ts';
import { openStore, openStoreIfAny } from './stored.ts';

/** A profile that somebody named, wherever it is. */
export interface FoundProfile {
  profile: Profile;
  /** For people: `version 3`, `receipt.yaml`. */
  label: string;
  /** As it was written; undefined for a profile in TypeScript. */
  text?: string;
  content: unknown;
  /** Its reference pictures. */
  pictures: readonly { file: string; sha256: string }[];
  /** Where it was read; undefined for a stored version and for a profile in TypeScript. */
  file?: string;
}

const isFile = (what: string): boolean => /\.(ya?ml|json)$/i.test(what);

/**
 * The profile that a file holds, or the active version of a name; where no pipeline runs, or it has none of that name,
 * the one of this project. @throws CliError
 */
export async function findProfile(cli: Cli, what: string): Promise<FoundProfile> {
  if (isFile(what)) return ofFile(cli, what);
  const store = await openStoreIfAny(cli);
  const active = (await store?.active()) ?? {};
  const asked = active[what];
  if (store && asked) return storedProfile(store, what, asked.version);
  return ofProject(what, Object.keys(active));
}

/** Another form of a profile: a number of a version, or a file. @throws CliError */
export async function findOther(cli: Cli, name: string, what: string): Promise<FoundProfile> {
  if (isFile(what)) return ofFile(cli, what);
  if (!/^[1-9]\d{0,5}$/.test(what))
    throw new CliError(`"${what}" is neither a version nor a file.`, {
      hint: `Write a number of \`pipeline profiles show ${name}\`, or a file such as ${name}.yaml.`,
    });
  return storedProfile(await openStore(cli), name, Number(what));
}

export async function storedProfile(
  store: ProfileStore,
  name: string,
  version: number,
): Promise<FoundProfile> {
  const stored = await store.version(name, version);
  if (!stored)
    throw new CliError(`There is no version ${version} of ${name}.`, {
      hint: `pipeline profiles show ${name} lists them.`,
    });
  const content: unknown = JSON.parse(stored.content);
  const read = readProfileValue(name, content);
  if ('problems' in read)
    throw new CliError(`Version ${version} of ${name} is of a newer release than this command.`, {
      hint: read.problems.map(({ text }) => text).join('; '),
    });
  const { text, pictures } = stored;
  const bytes = await store.pictures(name, pictures);
  takeReferences(read.profile, (file) => bytes.get(file));
  return { profile: { ...read.profile, version }, label: `version ${version}`, text, content, pictures };
}

async function ofFile(cli: Cli, path: string): Promise<FoundProfile> {
  const [linted] = await lintProfiles([path], cli.cwd, Date.now());
  if (!linted?.candidate)
    throw new CliError(`${path} cannot be used: ${linted?.problems.join('; ') ?? 'it is gone'}.`, {
      hint: 'pipeline profiles lint names every problem with its place.',
    });
  const { profile, text, content, pictures } = linted.candidate;
  return { profile, label: path, text, content, pictures, file: resolve(cli.cwd, path) };
}

/** `stored`: names of profiles that the pipeline knows besides. @throws CliError that names the profiles there are */
export function ofProject(name: string, stored: readonly string[] = []): FoundProfile {
  const profile = profileNamed(name);
  if (!profile) {
    const names = [...new Set([...profileNames(), ...stored])].sort();
    throw new CliError(`There is no profile "${name}".`, {
      hint: `There are: ${names.join(', ')}; or name a file.`,
    });
  }
  const own = ownFile(name);
  if (!own) return { profile, label: 'written in TypeScript', content: {}, pictures: [] };
  const { text, content, path, candidate } = own;
  const pictures = candidate?.pictures ?? [];
  return { profile, label: `profiles/${own.file}`, text, content, pictures, file: path };
}

/** A file of `profiles/` that can be read. */
export interface OwnFile {
  name: string;
  /** Its name in `profiles/`, and where that is. */
  file: string;
  path: string;
  text: string;
  content: unknown;
  /** Undefined where a reference picture is missing. */
  candidate: Candidate | undefined;
}

/** The files of this project, or the one of a profile. */
export function ownFiles(only?: string): OwnFile[] {
  const folder = profilesFolder();
  const readPicture = readFrom(join(folder, 'references'));
  return readProfileFolder(folder).flatMap((entry) => {
    const { name, file, text } = entry;
    if ('problems' in entry || (only !== undefined && name !== only)) return [];
    const candidate = candidateOf(name, text, entry, readPicture);
    return [{ name, file, path: resolve(folder, file), text, content: entry.content, candidate }];
  });
}

/** Undefined where there is none that can be read. */
export const ownFile = (name: string): OwnFile | undefined => ownFiles(name)[0];

/** The file that says what was found, to be changed where it lies. @throws CliError where none says it */
export function fileToChange(found: FoundProfile): string {
  const { profile, label, file } = found;
  if (file !== undefined) return file;
  const { name } = profile;
  if (isInTypeScript(name))
    throw new CliError(`${name} is written in TypeScript.`, { hint: 'Change it there and deploy.' });
  const own = ownFile(name);
  if (own?.candidate && differencesWithPictures(found, own.candidate).length === 0) return own.path;
  throw new CliError(`No file in profiles/ says what ${label} of ${name} does.`, {
    hint: `Write it as a file: pipeline profiles export ${name} --out FOLDER; then name that file.`,
  });
}

/** The file that somebody means by a name or a path: `receipt` is `profiles/receipt.yaml`. */
export function fileOf({ cwd }: Pick<Cli, 'cwd'>, what: string): string {
  if (isFile(what) || existsSync(resolve(cwd, what))) return what;
  const entry = readProfileFolder(profilesFolder()).find(({ name }) => name === what);
  if (entry) return resolve(profilesFolder(), entry.file);
  throw new CliError(`There is no file of a profile "${what}" in profiles/.`, {
    hint: 'Name a file, or write one: pipeline profiles new NAME.',
  });
}
