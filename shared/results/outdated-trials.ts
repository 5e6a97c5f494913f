import type { Documents } from '../cloud/firestore/documents.ts';
import { isTrial } from '../profiles/store/profile-documents.ts';
import type { OutdatedVersions } from '../profiles/store/profile-store.ts';
import { RESULT_QUERIES } from './queries.ts';
import { isTerminal, STATUSES } from './statuses.ts';

/** Versions that were only tried and are kept: more than anybody compares in an afternoon. */
const KEPT_TRIALS = 20;
/** So many are looked at with one change; what an older release left goes little by little. */
const LOOKED_AT = 20;

const UNDER_WAY = STATUSES.filter((status) => !isTerminal(status));

/**
 * Versions that were tried and never asked of everybody's pictures, but for the newest ones and those that a picture
 * under way is still to be asked by. A picture that has ended needs none where another version is active, which its
 * replay is asked by; where none is, the replay is asked by the version of before.
 */
export const outdatedTrials =
  (documents: Pick<Documents, 'count'>): OutdatedVersions =>
  async (name, profile) => {
    const tried = profile.versions.filter((one) => isTrial(profile, one)).slice(0, -KEPT_TRIALS);
    const needing = profile.active === null ? STATUSES : UNDER_WAY;
    const looked = tried.slice(0, LOOKED_AT).map(async ({ version }) => {
      const { collection, where } = RESULT_QUERIES.askedBy;
      const values = [name, version, needing];
      const isNeeded = await documents.count(
        collection,
        where.map((filter, i) => ({ ...filter, value: values[i] })),
      );
      return isNeeded > 0 ? [] : [version];
    });
    return (await Promise.all(looked)).flat();
  };
