import { userInfo } from 'node:os';
import { silentLog } from '../../shared/base/log.ts';
import { allProfiles, useProfiles } from '../../shared/profiles/index.ts';
import { StoredProfiles } from '../../shared/profiles/store/follow-store.ts';
import { ProfileChangeError, ProfileStore } from '../../shared/profiles/store/profile-store.ts';
import { outdatedTrials } from '../../shared/results/outdated-trials.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../failure.ts';
import type { Target } from '../target.ts';

/** Where the profiles of the pipeline are stored. @throws CliError when there is no pipeline */
export async function openStore(cli: Cli): Promise<ProfileStore> {
  const { documents } = await cli.target();
  return new ProfileStore(documents, outdatedTrials(documents));
}

/** The same where a pipeline is found. */
export const openStoreIfAny = (cli: Cli): Promise<ProfileStore | undefined> =>
  openStore(cli).catch((error: unknown) => {
    if (!(error instanceof CliError)) throw error;
    return undefined;
  });

/** From here on profiles are those that the pipeline stores; where it stores none, those of this project stay. */
export async function useStoredProfiles({ documents }: Pick<Target, 'documents'>): Promise<void> {
  const own = allProfiles();
  const stored = await new StoredProfiles(documents, {
    brought: [],
    withPictures: true,
    log: silentLog,
  }).look();
  if (stored && stored.length > 0) useProfiles(stored);
  else useProfiles(own);
}

/** Who is noted beside a change: the name that this machine knows. */
export function author(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}

/** @throws CliError where the store refuses a change */
export async function saying<T>(change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (!(error instanceof ProfileChangeError)) throw error;
    throw new CliError(error.message, { hint: 'pipeline profiles list says what there is.' });
  }
}
