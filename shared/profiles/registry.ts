import type { Profile } from './define.ts';
import { describe } from './describe.ts';
import { inventory } from './inventory.ts';
import { moderation } from './moderation.ts';

/** Every profile that uploads may use. A new one is a file beside this one and its name in this list. */
const PROFILES: readonly Profile[] = [describe, inventory, moderation];

export const DEFAULT_PROFILE = describe.name;

const byName = new Map(PROFILES.map((profile) => [profile.name, profile]));

export const profileNamed = (name: string): Profile | undefined => byName.get(name);

export const allProfiles = (): readonly Profile[] => PROFILES;

export const profileNames = (): string[] => [...byName.keys()];
