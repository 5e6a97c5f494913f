import { readFileSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import type { Profile } from '../../shared/profiles/define.ts';
import { readProfileText } from '../../shared/profiles/file/read-profile.ts';
import { nameOfFile, PROFILES_FOLDER, problemAt, profileFiles } from '../../shared/profiles/folder.ts';
import { profileNamed, profileNames } from '../../shared/profiles/index.ts';
import { CliError } from '../failure.ts';

interface FoundProfile {
  profile: Profile;
  /** Its file; undefined for one that is written in TypeScript. */
  file: string | undefined;
}

/** The profile of that name, or the one in a file such as `drafts/receipt.yaml`. @throws CliError */
export function findProfile(named: string | undefined, cwd: string): FoundProfile {
  const hint = `There are: ${profileNames().join(', ')}; or name a file.`;
  if (named === undefined) throw new CliError('Which profile?', { hint: `Add --profile NAME. ${hint}` });
  if (/\.(ya?ml|json)$/i.test(named)) return inFile(named, cwd);
  const profile = profileNamed(named);
  if (!profile) throw new CliError(`There is no profile "${named}".`, { hint });
  const file = profileFiles(PROFILES_FOLDER).find((one) => nameOfFile(one) === named);
  return { profile, file: file === undefined ? undefined : join(PROFILES_FOLDER, file) };
}

function inFile(named: string, cwd: string): FoundProfile {
  const file = resolve(cwd, named);
  const read = readProfileText(basename(file, extname(file)), textOf(file, named));
  if ('profile' in read) return { profile: read.profile, file };
  const [first = '', ...others] = read.problems.map((problem) => problemAt(named, problem));
  throw new CliError([first, ...others].join('\n'), {
    hint: 'pipeline profiles lint says what a file may hold.',
  });
}

function textOf(file: string, named: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CliError(`${named} cannot be read (${(error as NodeJS.ErrnoException).code}).`, {
      hint: 'Check the name and who may read it.',
    });
  }
}
