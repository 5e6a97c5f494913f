import { profileNamed, profileNames } from '../../shared/profiles/index.ts';
import type { Output } from '../output.ts';

/** Says on stderr that there is no such profile; results of a profile that was removed are results all the same. */
export function warnOfUnknownProfile(out: Output, name: string | undefined): void {
  if (name === undefined || profileNamed(name)) return;
  out.warning(`There is no profile "${name}".`, `There are: ${profileNames().join(', ')}.`);
}
