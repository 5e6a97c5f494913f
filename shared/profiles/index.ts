import { PipelineError } from '../base/errors/pipeline-error.ts';
import { cutText } from '../base/text.ts';
import type { Profile } from './define.ts';
import { loadProfileFolder, PROFILES_FOLDER } from './folder.ts';

/**
 * The profile of an upload: its first folder when that names one (`inventory/aisle-3/a.jpg`), else the object metadata
 * `profile`, else the default. Throws UNKNOWN_PROFILE when the metadata names one that does not exist.
 */
export function chooseProfile(objectName: string, metadata: Readonly<Record<string, string>>): Profile {
  const slash = objectName.indexOf('/');
  const byFolder = slash > 0 ? profileNamed(objectName.slice(0, slash)) : undefined;
  if (byFolder) return byFolder;

  const asked = metadata['profile'] ?? DEFAULT_PROFILE;
  const profile = profileNamed(asked);
  if (profile) return profile;
  throw new PipelineError(
    'UNKNOWN_PROFILE',
    `There is no profile "${cutText(asked, 40)}"; there are: ${profileNames().join(', ')}.`,
  );
}

/** Profiles that are written in TypeScript, beside this file. The others are files of the folder `profiles`. */
const IN_TYPESCRIPT: readonly Profile[] = [];

export const DEFAULT_PROFILE = 'describe';

const byName = new Map(
  [...loadProfileFolder(PROFILES_FOLDER), ...IN_TYPESCRIPT].map((profile) => [profile.name, profile]),
);

export const profileNamed = (name: string): Profile | undefined => byName.get(name);

export const allProfiles = (): readonly Profile[] => [...byName.values()];

export const profileNames = (): string[] => [...byName.keys()];
