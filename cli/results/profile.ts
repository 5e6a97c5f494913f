import { profileNamed, profileNames } from '../../shared/profiles/index.ts';
import type { Output } from '../output.ts';
import { useStoredProfiles } from '../profiles/stored.ts';
import type { Target } from '../target.ts';

/** Says on stderr that there is no such profile; results of a profile that was removed are results all the same. */
export async function warnOfUnknownProfile(
  out: Output,
  target: Pick<Target, 'documents'>,
  name: string | undefined,
): Promise<void> {
  if (name === undefined || profileNamed(name)) return;
  await useStoredProfiles(target);
  if (profileNamed(name)) return;
  out.warning(`There is no profile "${name}".`, `There are: ${profileNames().join(', ')}.`);
}
