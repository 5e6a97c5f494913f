import type { Log } from '../../base/log.ts';
import type { Documents } from '../../cloud/firestore/documents.ts';
import type { Profile } from '../define.ts';
import { questionDigest } from '../file/content-digest.ts';
import type { ProfileFile } from '../file/profile-file.ts';
import { readProfileValue } from '../file/read-profile.ts';
import type { ProfileSource } from '../index.ts';
import { ReferencesError, takeReferences } from '../references.ts';
import type { Candidate } from './candidate.ts';
import type { ActiveVersions, StoredProfile } from './profile-documents.ts';
import { ProfileStore } from './profile-store.ts';

interface FollowOptions {
  /** What the deployment brings along; those without a digest cannot be stored by this function. */
  brought: readonly Brought[];
  /** Whether this function sends the reference pictures. */
  withPictures: boolean;
  log: Log;
}

/** A profile of the deployment's own files. */
export type Brought = Pick<Candidate, 'name' | 'profile'> & Partial<Candidate>;

/** Versions that are kept in memory, those of pictures under way included. */
const MAX_KEPT = 300;

/**
 * The stored profiles for a function. The first look stores what the deployment brings and nobody has; each look is one
 * read, and one more for a version that was not seen before.
 */
export class StoredProfiles implements ProfileSource {
  readonly #store: ProfileStore;
  readonly #options: FollowOptions;
  readonly #versions = new Map<string, Promise<Profile | undefined>>();
  /** What was last taken up, by name. */
  #taken: ReadonlyMap<string, Profile> = new Map();
  #isSeeded = false;

  constructor(documents: Documents, options: FollowOptions) {
    this.#store = new ProfileStore(documents);
    this.#options = options;
  }

  /** The active profiles; undefined when they are those of before. Throws STORE_UNAVAILABLE. */
  async look(): Promise<readonly Profile[] | undefined> {
    let active = await this.#store.active();
    if (!this.#isSeeded && (await this.#seed(active))) active = await this.#store.active();
    const isFirst = !this.#isSeeded;
    this.#isSeeded = true;
    const names = Object.keys(active).sort();
    const found = await Promise.all(names.map((name) => this.#take(name, active[name])));
    const all = [...(await this.#notYetStored(active)), ...found];
    const taken = new Map(all.flatMap((profile) => (profile ? [[profile.name, profile]] : [])));
    const before = this.#taken;
    // A version that is kept is the same object.
    const changed = [...taken.values()].filter((profile) => before.get(profile.name) !== profile);
    const gone = [...before.keys()].filter((name) => !taken.has(name));
    if (!isFirst && changed.length + gone.length === 0) return undefined;
    this.#taken = taken;
    if (!isFirst) {
      for (const { name, version } of changed) this.#options.log.info('profile.changed', { name, version });
      for (const name of gone) this.#options.log.info('profile.removed', { name });
    }
    return [...taken.values()];
  }

  /** Any version, also one that is not active any more; undefined when there is none. Throws STORE_UNAVAILABLE. */
  version(name: string, version: number): Promise<Profile | undefined> {
    const key = `${name} ${version}`;
    const known = this.#versions.get(key);
    if (known) return known;
    const [oldest] = this.#versions.keys();
    if (oldest !== undefined && this.#versions.size >= MAX_KEPT) this.#versions.delete(oldest);
    const reading = this.#read(name, version);
    this.#versions.set(key, reading);
    // What was not there, or could not be read, is looked for again.
    reading.then((found) => found ?? this.#versions.delete(key)).catch(() => this.#versions.delete(key));
    return reading;
  }

  /** A version that this code cannot read leaves the profile as it was: another revision may have written it. */
  async #take(name: string, listed: ActiveVersions[string] | undefined): Promise<Profile | undefined> {
    if (!listed) return undefined;
    const { version, digest } = listed;
    const own = this.#options.brought.find((one) => one.name === name);
    const key = `${name} ${version}`;
    if (own && own.digest === digest && !this.#versions.has(key))
      this.#versions.set(key, Promise.resolve(numbered(own.profile, version, own.content)));
    try {
      return (await this.version(name, version)) ?? this.#taken.get(name) ?? own?.profile;
    } catch (error) {
      if (!(error instanceof UnreadableVersion)) throw error;
      const instead = this.#taken.get(name) ?? (await this.#readableBefore(name, version)) ?? own?.profile;
      this.#options.log.error('profile.unreadable', error, { name, version, instead: instead?.version });
      return instead;
    }
  }

  async #readableBefore(name: string, version: number): Promise<Profile | undefined> {
    const versions = (await this.#store.profile(name))?.versions ?? [];
    for (const older of versions.toReversed()) {
      if (older.version >= version) continue;
      const found = await this.version(name, older.version).catch(ifUnreadable);
      if (found) return found;
    }
    return undefined;
  }

  async #read(name: string, version: number): Promise<Profile | undefined> {
    const stored = await this.#store.version(name, version);
    if (!stored) return undefined;
    const read = readProfileValue(name, JSON.parse(stored.content) as unknown);
    if ('problems' in read)
      throw new UnreadableVersion(
        name,
        version,
        read.problems.map(({ text }) => text),
      );
    const profile = numbered(read.profile, version, read.content);
    if (this.#options.withPictures && stored.pictures.length > 0) {
      const pictures = await this.#store.pictures(name, stored.pictures);
      takePictures(profile, pictures);
    }
    return profile;
  }

  /**
   * Where its reference pictures do not lie beside this function, another one stores it, and has not yet: it is the one
   * that the deployment brings.
   */
  async #notYetStored(active: ActiveVersions): Promise<Profile[]> {
    const waiting = this.#options.brought.filter((one) => !isWhole(one) && !Object.hasOwn(active, one.name));
    const found = await Promise.all(
      waiting.map(async ({ name, profile }) => ((await this.#store.profile(name)) ? [] : [profile])),
    );
    return found.flat();
  }

  /** Whether the list may be another one now. Nothing takes the place of what a person has pushed or deleted. */
  async #seed(active: ActiveVersions): Promise<boolean> {
    const missing = this.#options.brought
      .filter(isWhole)
      .filter(({ name, digest }) => active[name]?.digest !== digest);
    const change = { action: 'folder', by: null } as const;
    await Promise.all(
      missing.map((one) => this.#store.put(one, change, (known) => this.#isKept(one, known))),
    );
    // Another instance may have stored them meanwhile.
    return missing.length > 0;
  }

  /** An older deployment beside this one must not bring its own version back. */
  #isKept({ name, digest }: Candidate, known: StoredProfile | undefined): boolean {
    if (!known || known.versions.some((one) => one.digest === digest)) return known !== undefined;
    const isOurs = known.changes.at(-1)?.action === 'folder';
    if (!isOurs) this.#options.log.warn('profile.kept', { name, version: known.active });
    return !isOurs;
  }
}

class UnreadableVersion extends Error {
  constructor(name: string, version: number, problems: readonly string[]) {
    super(`Version ${version} of the profile ${name} cannot be read here: ${problems.join('; ')}.`);
    this.name = 'UnreadableVersion';
  }
}

function takePictures(profile: Profile, pictures: ReadonlyMap<string, Buffer>): void {
  try {
    takeReferences(profile, (file) => pictures.get(file));
  } catch (error) {
    if (!(error instanceof ReferencesError)) throw error;
    throw new UnreadableVersion(profile.name, profile.version, error.problems);
  }
}

const ifUnreadable = (error: unknown): undefined => {
  if (!(error instanceof UnreadableVersion)) throw error;
};

const isWhole = (brought: Brought): brought is Candidate => brought.digest !== undefined;

/** A number that the file itself names says which question it is; else the content does, whatever its number. */
function numbered(
  { digest: _digest, ...profile }: Profile,
  version: number,
  content: ProfileFile | undefined,
): Profile {
  if (!content || content.version === version) return { ...profile, version };
  return { ...profile, version, digest: questionDigest(content) };
}
