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
  const byFolder = profileNamed(folderOf(objectName) ?? '');
  if (byFolder) return byFolder;

  const asked = metadata['profile'] ?? DEFAULT_PROFILE;
  const profile = profileNamed(asked);
  if (profile) return profile;
  throw new PipelineError(
    'UNKNOWN_PROFILE',
    `There is no profile "${cutText(asked, 40)}"; there are: ${profileNames().join(', ')}.`,
  );
}

function folderOf(objectName: string): string | undefined {
  const slash = objectName.indexOf('/');
  return slash > 0 ? objectName.slice(0, slash) : undefined;
}

/** Profiles that are written in TypeScript, beside this file. The others are files of the folder `profiles`. */
const IN_TYPESCRIPT: readonly Profile[] = [];

export const isInTypeScript = (name: string): boolean => IN_TYPESCRIPT.some((one) => one.name === name);

export const DEFAULT_PROFILE = 'describe';

interface KnownProfiles {
  list: readonly Profile[];
  byName: ReadonlyMap<string, Profile>;
}

let known: KnownProfiles | undefined;

/** From here on these are the profiles, beside those in TypeScript. */
export function useProfiles(files: readonly Profile[]): KnownProfiles {
  const byName = new Map([...files, ...IN_TYPESCRIPT].map((profile) => [profile.name, profile]));
  known = { list: [...byName.values()], byName };
  return known;
}

let home = PROFILES_FOLDER;

/** The folder that profiles are read from where nobody says which there are. */
export const profilesFolder = (): string => home;

export function readProfilesFrom(folder: string): void {
  home = folder;
}

/** Read where they are first asked for, so that a broken file fails the caller with a sentence. */
const knownProfiles = (): KnownProfiles => known ?? useProfiles(loadProfileFolder(home));

export const profileNamed = (name: string): Profile | undefined => knownProfiles().byName.get(name);

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

/** Where profiles may change while a function runs. */
export interface ProfileSource {
  /** The profiles as they are now; undefined when nothing has changed. */
  look(): Promise<readonly Profile[] | undefined>;
  version(name: string, version: number): Promise<Profile | undefined>;
}

interface Followed {
  source: ProfileSource;
  /** What was read counts as new for this long, in milliseconds; three times as long it still answers. */
  cacheMs: number;
  /** Epoch milliseconds at which the last look began; undefined before the first one has succeeded. */
  lookedAt: number | undefined;
  looking: Promise<void> | undefined;
  warn: (error: unknown) => void;
}

let followed: Followed | undefined;

/**
 * From here on profiles are those of the source; looks at once. `warn` hears of looks that failed. Until the returned
 * function is called: then they are those of the folder again.
 */
export function followProfiles(source: ProfileSource, cacheMs: number, warn: Followed['warn']): () => void {
  followed = { source, cacheMs, lookedAt: undefined, looking: undefined, warn };
  freshProfiles()?.catch(() => undefined);
  return () => {
    followed = undefined;
    known = undefined;
  };
}

const STALE_FACTOR = 3;

/**
 * Ends when what is known is at most `maxAgeMs` old; nothing to wait for where it is. All that wait share one look. A look
 * that fails leaves what is known, except the first one, which rejects.
 */
export function freshProfiles(maxAgeMs = (followed?.cacheMs ?? 0) * STALE_FACTOR): Promise<void> | undefined {
  if (!followed) return undefined;
  const now = Date.now();
  const { lookedAt, cacheMs } = followed;
  if (lookedAt !== undefined && now - lookedAt < Math.min(cacheMs, maxAgeMs)) return undefined;
  followed.looking ??= look(followed);
  if (lookedAt !== undefined && now - lookedAt < maxAgeMs) {
    followed.looking.catch(() => undefined);
    return undefined;
  }
  return lookSince(followed, now - maxAgeMs);
}

/** A look that had begun too early says nothing of what changed since. */
async function lookSince(following: Followed, sinceMs: number): Promise<void> {
  await following.looking;
  if ((following.lookedAt ?? 0) >= sinceMs) return;
  following.looking ??= look(following);
  await following.looking;
}

async function look(following: Followed): Promise<void> {
  const startedAt = Date.now();
  try {
    const found = await following.source.look();
    if (found && following === followed) useProfiles(found);
  } catch (error) {
    if (following.lookedAt === undefined) throw error;
    following.warn(error);
  } finally {
    following.looking = undefined;
  }
  following.lookedAt = startedAt;
}

/** A name that nobody knows may have been pushed a moment ago. Milliseconds. */
const UNKNOWN_AGE_MS = 2_000;

/** As `profileNamed`; a name that nobody knows is looked up as things are now. */
export async function profileNow(name: string): Promise<Profile | undefined> {
  if (!profileNamed(name)) await freshProfiles(UNKNOWN_AGE_MS);
  return profileNamed(name);
}

/** Any version of it, also one that was never active. Throws STORE_UNAVAILABLE. */
export async function profileOfVersion(name: string, version: number): Promise<Profile | undefined> {
  const active = profileNamed(name);
  return active?.version === version ? active : followed?.source.version(name, version);
}

/** As `chooseProfile`, by the profiles as they are now; the metadata `profile-version` may name any version. */
export async function profileOfUpload(
  objectName: string,
  metadata: Readonly<Record<string, string>>,
): Promise<Profile> {
  await freshProfiles();
  const names = [folderOf(objectName), metadata['profile']].filter((name) => name !== undefined);
  if (names.some((name) => !profileNamed(name))) await freshProfiles(UNKNOWN_AGE_MS);
  const profile = chooseProfile(objectName, metadata);
  const version = metadata['profile-version'];
  if (version === undefined) return profile;
  const exact = /^[1-9]\d{0,5}$/.test(version)
    ? await profileOfVersion(profile.name, Number(version))
    : undefined;
  if (exact) return exact;
  throw new PipelineError(
    'UNKNOWN_PROFILE',
    `There is no version ${cutText(version, 10)} of the profile ${profile.name}.`,
  );
}

/**
 * The profile that a picture is asked by: the version of its upload, also when another one is active by now or the profile
 * is deleted. Where it is asked again, the active one, if there is any.
 */
export async function profileAsked(
  name: string,
  version: number,
  isAskedAnew: boolean,
): Promise<Profile | undefined> {
  await freshProfiles();
  const active = profileNamed(name);
  if (active && (isAskedAnew || active.version === version)) return active;
  return (await followed?.source.version(name, version)) ?? active;
}
