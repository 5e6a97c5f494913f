import { PipelineError } from '../base/errors/pipeline-error.ts';
import { cutText } from '../base/text.ts';
import type { Profile } from './define.ts';
import { describe } from './describe.ts';
import { inventory } from './inventory.ts';
import { moderation } from './moderation.ts';

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

/** Every profile that uploads may use. A new one is a file beside this one and its name in this list. */
const PROFILES: readonly Profile[] = [describe, inventory, moderation];

export const DEFAULT_PROFILE = describe.name;

const byName = new Map(PROFILES.map((profile) => [profile.name, profile]));

export const profileNamed = (name: string): Profile | undefined => byName.get(name);

export const allProfiles = (): readonly Profile[] => PROFILES;

export const profileNames = (): string[] => [...byName.keys()];
