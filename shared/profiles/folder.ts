import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Profile } from './define.ts';
import { type ReadProfile, readProfileText, readProfileValue } from './file/read-profile.ts';
import type { FileProblem } from './file/strict-yaml.ts';

const beside = fileURLToPath(new URL('./profiles/', import.meta.url));

/** Where profiles lie: beside the bundle of a deployed function, else at the root of the project. */
export const PROFILES_FOLDER = existsSync(beside)
  ? beside
  : fileURLToPath(new URL('../../profiles/', import.meta.url));

const PROFILE_FILE = /^([^.].*)\.(ya?ml|json)$/i;
/** The schema of the files lies beside them. */
export const SCHEMA_FILE = 'profile.schema.json';
/** What the build makes of the files: deployed functions read no YAML. */
export const BUILT_FILE = 'built.json';

/** Names of the files of profiles in a folder, in alphabetical order; none where there is no folder. */
export const profileFiles = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter(
          (entry) =>
            !entry.isDirectory() &&
            PROFILE_FILE.test(entry.name) &&
            ![SCHEMA_FILE, BUILT_FILE].includes(entry.name),
        )
        .map((entry) => entry.name)
        .sort()
    : [];

/** The profile that a file of this name defines. */
export const nameOfFile = (file: string): string => PROFILE_FILE.exec(file)?.[1] ?? file;

/** A file of the folder, read. */
export type FolderEntry = ReadProfile & { file: string; name: string; text: string };

/** Every file of the folder; of two that define one profile both are refused. */
export function readProfileFolder(folder: string): FolderEntry[] {
  const built = join(folder, BUILT_FILE);
  if (existsSync(built)) return readBuilt(readFileSync(built, 'utf8'));
  const files = profileFiles(folder);
  return files.map((file) => {
    const name = nameOfFile(file);
    const twin = files.find((other) => other !== file && nameOfFile(other) === name);
    if (twin !== undefined)
      return {
        ...{ file, name, text: '' },
        problems: [{ text: `${twin} defines a profile ${name} as well; remove one` }],
      };
    const text = readFileSync(join(folder, file), 'utf8');
    return { file, name, text, ...readProfileText(name, text) };
  });
}

/** What the build makes of a file: what it says, and how it was written, to be stored. */
interface BuiltProfile {
  content: unknown;
  text: string;
}

const readBuilt = (text: string): FolderEntry[] =>
  Object.entries(JSON.parse(text) as Record<string, BuiltProfile>).map(([name, built]) => ({
    ...{ file: BUILT_FILE, name, text: built.text },
    ...readProfileValue(name, built.content),
  }));

/** The folder's files as one JSON text, for the functions. Throws a ProfileFilesError like loadProfileFolder. */
export function builtProfiles(folder: string): string {
  const entries = loadFolderEntries(folder).map(({ name, content, text }): [string, BuiltProfile] => [
    name,
    { content, text },
  ]);
  return `${JSON.stringify(Object.fromEntries(entries))}\n`;
}

/** Files of profiles that cannot be used: each problem as `receipt.yaml:3:5: fields.total ...`. */
class ProfileFilesError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Profiles are not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ProfileFilesError';
    this.problems = problems;
  }
}

/** A problem with the file and the place where it is. */
export const problemAt = (file: string, { line, column, text }: FileProblem): string =>
  `${file}${line === undefined ? '' : `:${line}:${column ?? 1}`}: ${text}`;

/** The profiles of a folder. Throws a ProfileFilesError with everything that is wrong with any of them. */
export const loadProfileFolder = (folder: string): Profile[] =>
  loadFolderEntries(folder).map(({ profile }) => profile);

/** The same with what the files say. */
export function loadFolderEntries(folder: string): Extract<FolderEntry, { profile: Profile }>[] {
  const entries = readProfileFolder(folder);
  const problems = entries.flatMap((entry) =>
    'problems' in entry ? entry.problems.map((problem) => problemAt(entry.file, problem)) : [],
  );
  if (problems.length > 0) throw new ProfileFilesError(problems);
  return entries.filter((entry) => 'profile' in entry);
}
