import { join } from 'node:path';
import { z } from 'zod';
import { integer } from '../base/config.ts';
import type { Log } from '../base/log.ts';
import type { Documents } from '../cloud/firestore/documents.ts';
import { loadFolderEntries, PROFILES_FOLDER } from './folder.ts';
import { followProfiles, useProfiles } from './index.ts';
import { readFrom } from './references.ts';
import { candidateOf } from './store/candidate.ts';
import { type Brought, StoredProfiles } from './store/follow-store.ts';

/** Variables of whatever asks what is asked of pictures. */
export const profilesVariables = {
  /** Folder of the profiles that a function brings along; the one beside it, or the project's own, when absent. */
  PROFILES_FOLDER: z.string().optional(),
  /**
   * What was read of the stored profiles counts as new for this long, and answers three times as long while it is read
   * again; 0 reads before each picture.
   */
  PROFILES_CACHE_MS: integer('milliseconds', { min: 0, max: 20_000, default: 20_000 }),
};

type ProfilesConfig = z.infer<z.ZodObject<typeof profilesVariables>>;

/**
 * Reads the profiles that the function brings along and follows the stored ones. Throws a ProfileFilesError for files
 * that are unusable from the start.
 */
export function startProfiles(
  documents: Documents,
  { PROFILES_FOLDER: folder = PROFILES_FOLDER, PROFILES_CACHE_MS }: ProfilesConfig,
  log: Log,
  { withPictures = false } = {},
): void {
  const brought = broughtFrom(folder);
  useProfiles(brought.map(({ profile }) => profile));
  followProfiles(new StoredProfiles(documents, { brought, withPictures, log }), PROFILES_CACHE_MS, (error) =>
    log.error('profiles.not-read', error),
  );
}

/** A function without the files of the reference pictures leaves storing to the one that has them. */
function broughtFrom(folder: string): Brought[] {
  const readPicture = readFrom(join(folder, 'references'));
  return loadFolderEntries(folder).map(
    (entry) =>
      candidateOf(entry.name, entry.text, entry, readPicture) ?? { name: entry.name, profile: entry.profile },
  );
}
