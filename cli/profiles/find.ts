import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Profile } from '../../shared/profiles/define.ts';
import { readProfileValue } from '../../shared/profiles/file/read-profile.ts';
import { readProfileFolder } from '../../shared/profiles/folder.ts';
import { profileNamed, profileNames, profilesFolder } from '../../shared/profiles/index.ts';
import { takeReferences } from '../../shared/profiles/references.ts';
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
}

const isFile = (what: string): boolean => /\.(ya?ml|json)$/i.test(what);

/**
 * The profile that a file holds, or the active version of a name; where no pipeline runs, or it has none of that name,
 * the one of this project. @throws CliError
 */
export async function findProfile(cli: Cli, what: string): Promise<FoundProfile> {
  if (isFile(what)) return ofFile(cli, what);
  const store = await openStoreIfAny(cli);
  const active = store && (await store.active())[what];
  if (store && active) return storedProfile(store, what, active.version);
  return ofProject(what);
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
  const pictures = await store.pictures(name, stored.pictures);
  takeReferences(read.profile, (file) => pictures.get(file));
  return { profile: { ...read.profile, version }, label: `version ${version}`, text: stored.text, content };
}

async function ofFile(cli: Cli, path: string): Promise<FoundProfile> {
  const [linted] = await lintProfiles([path], cli.cwd, Date.now());
  if (!linted?.candidate)
    throw new CliError(`${path} cannot be used: ${linted?.problems.join('; ') ?? 'it is gone'}.`, {
      hint: 'pipeline profiles lint names every problem with its place.',
    });
  const { profile, text, content } = linted.candidate;
  return { profile, label: path, text, content };
}

/** @throws CliError that names the profiles there are */
export function ofProject(name: string): FoundProfile {
  const profile = profileNamed(name);
  if (!profile)
    throw new CliError(`There is no profile "${name}".`, {
      hint: `There are: ${profileNames().join(', ')}.`,
    });
  const entry = readProfileFolder(profilesFolder()).find((one) => one.name === name);
  if (!entry || 'problems' in entry) return { profile, label: 'written in TypeScript', content: {} };
  return { profile, label: `profiles/${entry.file}`, text: entry.text, content: entry.content };
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
