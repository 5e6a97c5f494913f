import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { readProfileText } from '../../shared/profiles/file/read-profile.ts';
import { type FolderEntry, problemAt, readProfileFolder } from '../../shared/profiles/folder.ts';
import { profilesFolder } from '../../shared/profiles/index.ts';
import { readFrom } from '../../shared/profiles/references.ts';
import type { Candidate } from '../../shared/profiles/store/candidate.ts';
import { examineFile } from '../../shared/profiles/store/examine.ts';
import { CliError } from '../failure.ts';

/** What was found in one file of a profile. */
interface LintedFile {
  file: string;
  /** Each with its place, as `receipt.yaml:3:5: ...`. */
  problems: string[];
  warnings: string[];
  /** Where there are no problems. */
  candidate?: Candidate;
}

/** Looks at the files named, or at every file of the folder. @throws CliError for a file that cannot be read */
export async function lintProfiles(
  paths: readonly string[],
  cwd: string,
  nowMs: number,
): Promise<LintedFile[]> {
  if (paths.length === 0)
    return readProfileFolder(profilesFolder()).map((entry) =>
      linted(entry, shown(cwd, entry.file), profilesFolder(), nowMs),
    );
  return Promise.all(
    paths.map(async (path) => {
      const text = await readFile(resolve(cwd, path), 'utf8').catch((error: NodeJS.ErrnoException) => {
        throw new CliError(`${path} cannot be read (${error.code}).`, {
          hint: 'Check the name and who may read it.',
        });
      });
      const name = basename(path, extname(path));
      const beside = dirname(resolve(cwd, path));
      const folder = existsSync(join(beside, 'references')) ? beside : profilesFolder();
      return linted({ file: path, name, text, ...readProfileText(name, text) }, path, folder, nowMs);
    }),
  );
}

const shown = (cwd: string, file: string): string => relative(cwd, join(profilesFolder(), file));

function linted(entry: FolderEntry, file: string, folder: string, nowMs: number): LintedFile {
  const options = { readPicture: readFrom(join(folder, 'references')), nowMs };
  const examined = examineFile(entry.name, entry.text, entry, options);
  if ('problems' in examined)
    return { file, problems: examined.problems.map((problem) => problemAt(file, problem)), warnings: [] };
  const { candidate } = examined;
  return { file, problems: [], warnings: candidate.warnings.map((one) => problemAt(file, one)), candidate };
}
