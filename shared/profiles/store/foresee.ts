import type { Candidate } from './candidate.ts';
import type { StoredProfile } from './profile-documents.ts';

/** What a change came to. `activated`: a version that was there already is asked again. */
export interface Changed {
  outcome: 'new' | 'activated' | 'unchanged';
  version: number;
  isActive: boolean;
}

/** What a push would come to; a new version has no number yet. */
export type Foreseen = Changed | { outcome: 'new'; version: null; isActive: boolean };

/** Equal content is the same version. `activate`: false keeps a version beside the active one, to be tried. */
export function foresee(
  { digest }: Pick<Candidate, 'digest'>,
  known: StoredProfile | undefined,
  activate = true,
): Foreseen {
  const same = known?.versions.find((one) => one.digest === digest)?.version;
  if (same === undefined) return { outcome: 'new', version: null, isActive: activate };
  const isActive = same === known?.active;
  return {
    outcome: isActive || !activate ? 'unchanged' : 'activated',
    version: same,
    isActive: isActive || activate,
  };
}
