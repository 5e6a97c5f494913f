import { freshProfiles } from '../../../shared/profiles/index.ts';
import { ProfileChangeError, type ProfileStore } from '../../../shared/profiles/store/profile-store.ts';
import type { Visibility } from '../http/scope.ts';
import { Problem } from '../problem.ts';

export interface ChangeDependencies {
  profiles: ProfileStore;
  visibility: Visibility;
  uploadIdleMs: number;
}

/** What was changed here is answered by from now on; other instances follow within a minute. */
export const changed = (): Promise<void> | undefined => freshProfiles(0);

/** @throws Problem where the store refuses a change */
export async function withProblems<T>(change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (!(error instanceof ProfileChangeError)) throw error;
    switch (error.code) {
      case 'absent':
        throw new Problem('NOT_FOUND', error.message, 'GET /v1/profiles lists what there is.');
      case 'changed':
        throw new Problem('PROFILE_CHANGED', error.message, 'Look at the active version, then push again.');
      case 'needed':
        throw new Problem('PROFILE_NEEDED', error.message, 'Push another version of it instead.');
    }
  }
}
