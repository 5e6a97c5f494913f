import { z } from 'zod';
import type { Log } from '../base/log.ts';
import { PROFILES_FOLDER } from './folder.ts';
import { followFolder } from './follow-folder.ts';
import { useProfiles } from './index.ts';

/** Variables of whatever asks what is asked of pictures. */
export const profilesVariables = {
  /** Folder of the profiles, for functions that run from their sources; the project's own when absent. */
  PROFILES_FOLDER: z.string().optional(),
};

/**
 * Reads the profiles of the function and, where it runs from its sources, takes up each file that is saved. Throws a
 * ProfileFilesError for files that are unusable from the start.
 */
export function startProfiles(
  { PROFILES_FOLDER: folder }: { PROFILES_FOLDER?: string | undefined },
  log: Log,
): void {
  const followed = followFolder(folder ?? PROFILES_FOLDER, (changes) => {
    useProfiles(followed.profiles());
    for (const { kind, ...change } of changes) log.info(`profile.${kind}`, change);
  });
  useProfiles(followed.profiles());
}
