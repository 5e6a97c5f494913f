import type { Profile } from '../../shared/profiles/define.ts';
import { profileNamed } from '../../shared/profiles/index.ts';

/** A profile that comes with the project. */
export function builtIn(name: 'describe' | 'inventory' | 'moderation'): Profile {
  const profile = profileNamed(name);
  if (!profile) throw new Error(`The profile ${name} is gone.`);
  return profile;
}
