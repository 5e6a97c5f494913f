import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, join, relative } from 'node:path';
import { PriceError, PriceList } from '../../shared/prices/price-list.ts';
import { checkLadders } from '../../shared/profiles/check-ladders.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { readProfileText } from '../../shared/profiles/file/read-profile.ts';
import {
  type FolderEntry,
  PROFILES_FOLDER,
  problemAt,
  readProfileFolder,
} from '../../shared/profiles/folder.ts';
import { loadReferences, ReferencesError } from '../../shared/profiles/references.ts';
import { CliError } from '../failure.ts';

/** What was found in one file of a profile. */
interface LintedFile {
  file: string;
  /** Each with its place, as `receipt.yaml:3:5: ...`. */
  problems: string[];
  warnings: string[];
}

/** Looks at the files named, or at every file of the folder. @throws CliError for a file that cannot be read */
export async function lintProfiles(
  paths: readonly string[],
  cwd: string,
  nowMs: number,
): Promise<LintedFile[]> {
  if (paths.length === 0)
    return readProfileFolder(PROFILES_FOLDER).map((entry) =>
      linted(entry, shown(cwd, entry.file), PROFILES_FOLDER, nowMs),
    );
  return Promise.all(
    paths.map(async (path) => {
      const text = await readFile(join(cwd, path), 'utf8').catch((error: NodeJS.ErrnoException) => {
        throw new CliError(`${path} cannot be read (${error.code}).`, {
          hint: 'Check the name and who may read it.',
        });
      });
      const name = basename(path, extname(path));
      const beside = dirname(join(cwd, path));
      const folder = existsSync(join(beside, 'references')) ? beside : PROFILES_FOLDER;
      return linted({ file: path, name, ...readProfileText(name, text) }, path, folder, nowMs);
    }),
  );
}

const shown = (cwd: string, file: string): string => relative(cwd, join(PROFILES_FOLDER, file));

function linted(entry: FolderEntry, file: string, folder: string, nowMs: number): LintedFile {
  if ('problems' in entry)
    return { file, problems: entry.problems.map((problem) => problemAt(file, problem)), warnings: [] };
  const { problems, warnings } = inUse(entry.profile, folder, nowMs);
  return {
    file,
    problems: problems.map((text) => problemAt(file, { text })),
    warnings: [
      ...entry.warnings.map((warning) => problemAt(file, warning)),
      ...warnings.map((text) => problemAt(file, { text })),
    ],
  };
}

/** What shows only when a picture is asked about: reference pictures, and models without a price or near their end. */
function inUse(
  profile: Profile,
  folder: string,
  nowMs: number,
): { problems: readonly string[]; warnings: string[] } {
  try {
    loadReferences([profile], join(folder, 'references'));
    const warnings = checkLadders(new PriceList(), [profile], nowMs);
    const unsure = profile.minConfidence === 0 || 'confidence' in profile.schema.shape;
    return {
      problems: [],
      warnings: unsure
        ? warnings
        : [...warnings, 'minConfidence is set and there is no field confidence; no answer ever climbs'],
    };
  } catch (error) {
    if (!(error instanceof ReferencesError || error instanceof PriceError)) throw error;
    return { problems: error.problems, warnings: [] };
  }
}
