import { PipelineError } from '../base/errors/pipeline-error.ts';
import { cutText } from '../base/text.ts';
import type { Profile } from './define.ts';
import { loadProfileFolder, PROFILES_FOLDER } from './folder.ts';
import { DEFAULT_MAX_BYTES, type Preparation } from './preparation.ts';

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

interface KnownProfiles {
  list: readonly Profile[];
  byName: ReadonlyMap<string, Profile>;
  /** Every profile that has been known, in its last form. */
  ever: ReadonlyMap<string, Profile>;
}

let known: KnownProfiles | undefined;

/** From here on these are the profiles of files. */
export function useProfiles(files: readonly Profile[]): KnownProfiles {
  const byName = new Map([...files, ...IN_TYPESCRIPT].map((profile) => [profile.name, profile]));
  known = { list: [...byName.values()], byName, ever: new Map([...(known?.ever ?? []), ...byName]) };
  return known;
}

/** Read where they are first asked for, so that a broken file fails the caller with a sentence. */
const knownProfiles = (): KnownProfiles => known ?? useProfiles(loadProfileFolder(PROFILES_FOLDER));

export const profileNamed = (name: string): Profile | undefined => knownProfiles().byName.get(name);

/** Also one that is gone since: pictures that were sent for it are answered. */
export const profileEverNamed = (name: string): Profile | undefined => knownProfiles().ever.get(name);

/** The same list until a profile changes. */
export const allProfiles = (): readonly Profile[] => knownProfiles().list;

export const profileNames = (): string[] => allProfiles().map(({ name }) => name);

/** What a profile says of the pictures it wants. */
interface WantedPicture {
  /** Long side of the prepared picture, in pixels. */
  maxSide: number;
  preparation?: Preparation;
  maxBytes?: number;
}

/** The same with what the profile leaves unsaid. */
export const wantedPicture = ({
  maxSide,
  preparation = 'faithful',
  maxBytes = DEFAULT_MAX_BYTES,
}: WantedPicture): Required<WantedPicture> => ({ maxSide, preparation, maxBytes });
