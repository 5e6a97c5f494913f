import { PipelineError } from '../../base/errors/pipeline-error.ts';
import { delay } from '../../base/resilience/delay.ts';
import type { Documents, Stored, Write } from '../../cloud/firestore/documents.ts';
import { DEFAULT_PROFILE } from '../index.ts';
import type { Candidate } from './candidate.ts';
import { type Changed, foresee } from './foresee.ts';
import {
  ACTIVE_PATH,
  type ActiveVersions,
  activeDocument,
  MAX_CHANGES,
  type PROFILE_ACTIONS,
  picturePath,
  profileDocument,
  profilePath,
  type StoredProfile,
  type StoredVersion,
  versionDocument,
  versionPath,
} from './profile-documents.ts';

type Action = (typeof PROFILE_ACTIONS)[number];

/** Who changes a profile, and by what. */
export interface Change {
  action: Action;
  by: string | null;
  /** Only while this version is active (null: none); otherwise somebody else was faster. */
  basedOn?: number | null;
  /** False keeps a new version beside the active one, to be tried. */
  activate?: boolean;
}

/** Why a change is not made. */
export class ProfileChangeError extends Error {
  readonly code: 'absent' | 'changed' | 'needed';

  constructor(code: ProfileChangeError['code'], message: string) {
    super(message);
    this.name = 'ProfileChangeError';
    this.code = code;
  }
}

/** Versions of a profile that nobody needs any more. */
export type OutdatedVersions = (name: string, profile: StoredProfile) => Promise<readonly number[]>;

interface Next {
  profile: StoredProfile;
  writes: readonly Write[];
  changed: Changed;
}

/** Writers of profiles meet seldom; each further try begins with what is there, a moment later. */
const MAX_TRIES = 30;
const PAUSE_MS = 20;

/**
 * The profiles in Firestore. A change is one commit of the version, the profile and the list of active versions, by
 * compare-and-set, so that no reader ever sees half of it. Equal content is the same version.
 */
export class ProfileStore {
  readonly #documents: Documents;
  readonly #outdated: OutdatedVersions;

  /** `outdated`: what a new version takes off the list, in its own commit; nothing when it is left out. */
  constructor(documents: Documents, outdated: OutdatedVersions = async () => []) {
    this.#documents = documents;
    this.#outdated = outdated;
  }

  /** Which version of each profile is asked. */
  async active(): Promise<ActiveVersions> {
    const stored = await this.#documents.get(ACTIVE_PATH);
    return stored ? activeDocument.parse(stored.data).active : {};
  }

  async profile(name: string): Promise<StoredProfile | undefined> {
    const stored = await this.#documents.get(profilePath(name));
    return stored && profileDocument.parse(stored.data);
  }

  async version(name: string, version: number): Promise<StoredVersion | undefined> {
    const stored = await this.#documents.get(versionPath(name, version));
    return stored && versionDocument.parse(stored.data);
  }

  /** Bytes of the reference pictures of a version, by file. */
  async pictures(name: string, pictures: StoredVersion['pictures']): Promise<ReadonlyMap<string, Buffer>> {
    const read = await Promise.all(
      pictures.map(async ({ file, sha256 }): Promise<[string, Buffer][]> => {
        const bytes = (await this.#documents.get(picturePath(name, sha256)))?.data['bytes'];
        return bytes instanceof Uint8Array ? [[file, Buffer.from(bytes)]] : [];
      }),
    );
    return new Map(read.flat());
  }

  /**
   * Makes the candidate a version and asks it from now on. `unless`: where it says true of what is there, nothing is
   * changed. @throws ProfileChangeError
   */
  async put(
    candidate: Candidate,
    change: Change,
    unless: (known: StoredProfile | undefined) => boolean = () => false,
  ): Promise<Changed | undefined> {
    const { name } = candidate;
    let arePicturesThere = false;
    return this.#change(name, async (known) => {
      if (unless(known)) return undefined;
      refuseIfChanged(name, known, change);
      const foreseen = foresee(candidate, known, change.activate);
      // Also for a version that is there: whoever has lost a picture brings it back by a push.
      if (!arePicturesThere) await this.#storePictures(candidate);
      arePicturesThere = true;
      return foreseen.version === null
        ? this.#withoutOutdated(name, appended(candidate, known, change))
        : again(candidate, known, foreseen, change);
    });
  }

  /** Asks an earlier version again; the one before the active one when none is named. @throws ProfileChangeError */
  async rollBack(name: string, to: number | undefined, by: string | null): Promise<Changed> {
    const changed = await this.#change(name, async (known) => {
      if (!known) throw absent(name);
      const version = to ?? versionBefore(known);
      if (version === undefined)
        throw new ProfileChangeError('absent', `There is no version of ${name} before the active one.`);
      if (!known.versions.some((one) => one.version === version))
        throw new ProfileChangeError('absent', `There is no version ${version} of ${name}.`);
      return activated(known, version, { action: 'rollback', by });
    });
    if (!changed) throw absent(name);
    return changed;
  }

  /** No picture is asked by it any more; those under way finish with their version. @throws ProfileChangeError */
  async delete(
    name: string,
    { action, by }: Change,
    unless?: (known: StoredProfile) => boolean,
  ): Promise<void> {
    if (name === DEFAULT_PROFILE)
      throw new ProfileChangeError('needed', `Pictures that ask for no profile are asked by ${name}.`);
    await this.#change(name, async (known) => {
      if (!known || known.active === null) throw absent(name);
      if (unless?.(known)) return undefined;
      const profile = { ...known, active: null, changes: noted(known, { action, by }, null) };
      return {
        profile,
        writes: [],
        changed: { outcome: 'unchanged', version: known.latest, isActive: false },
      };
    });
  }

  async #withoutOutdated(name: string, next: Next): Promise<Next> {
    const outdated = new Set(await this.#outdated(name, next.profile));
    if (outdated.size === 0) return next;
    const versions = next.profile.versions.filter(({ version }) => !outdated.has(version));
    const removals = [...outdated].map(
      (version): Write => ({
        kind: 'delete',
        path: versionPath(name, version),
      }),
    );
    return { ...next, profile: { ...next.profile, versions }, writes: [...next.writes, ...removals] };
  }

  async #storePictures({ name, pictures }: Candidate): Promise<void> {
    for (const { sha256, bytes } of pictures)
      await this.#documents.create(picturePath(name, sha256), { bytes });
  }

  async #change(
    name: string,
    decide: (known: StoredProfile | undefined) => Promise<Next | undefined>,
  ): Promise<Changed | undefined> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const [list, stored] = await Promise.all([
        this.#documents.get(ACTIVE_PATH),
        this.#documents.get(profilePath(name)),
      ]);
      const next = await decide(stored && profileDocument.parse(stored.data));
      if (!next) return undefined;
      const writes = [
        ...next.writes,
        writeOf(profilePath(name), stored, next.profile),
        listed(list, name, next),
      ];
      if ((await this.#documents.commit(writes)) !== 'stale') return next.changed;
      await delay(Math.random() * PAUSE_MS * tries, undefined);
    }
    throw new PipelineError(
      'STORE_UNAVAILABLE',
      `The profile ${name} is being changed by others all the time.`,
    );
  }
}

/** The one below the active one, or the last one of a deleted profile; one that was only tried is none. */
function versionBefore({ active, latest, versions, changes }: StoredProfile): number | undefined {
  const wasActive = new Set(changes.map(({ version }) => version));
  return versions.filter(({ version }) => version < (active ?? latest + 1) && wasActive.has(version)).at(-1)
    ?.version;
}

const absent = (name: string): ProfileChangeError =>
  new ProfileChangeError('absent', `There is no profile ${name}.`);

function refuseIfChanged(name: string, known: StoredProfile | undefined, { basedOn }: Change): void {
  const active = known?.active ?? null;
  if (basedOn === undefined || basedOn === active) return;
  const now = active === null ? 'none is active' : `version ${active} is active`;
  throw new ProfileChangeError(
    'changed',
    `The profile ${name} was changed meanwhile: the change is of version ${basedOn ?? 'none'}, and ${now}.`,
  );
}

function appended(candidate: Candidate, known: StoredProfile | undefined, change: Change): Next {
  const { name, text, content, digest, pictures } = candidate;
  const author = { at: new Date(Date.now()), by: change.by };
  const version = Math.max((known?.latest ?? 0) + 1, content.version ?? 1);
  const isActive = change.activate !== false;
  const profile: StoredProfile = {
    active: isActive ? version : (known?.active ?? null),
    latest: version,
    versions: [...(known?.versions ?? []), { version, digest, trial: !isActive, ...author }],
    changes: isActive ? noted(known, change, version) : (known?.changes ?? []),
  };
  const stored: StoredVersion = {
    ...{ text, digest, content: JSON.stringify(content), ...author },
    pictures: pictures.map(({ file, sha256 }) => ({ file, sha256 })),
  };
  return {
    profile,
    writes: [{ kind: 'create', path: versionPath(name, version), data: stored }],
    changed: { outcome: 'new', version, isActive },
  };
}

/** The same content: its words for people are renewed. */
function again(
  { name, text }: Candidate,
  known: StoredProfile | undefined,
  foreseen: Changed,
  change: Change,
): Next {
  if (!known) throw absent(name);
  const { outcome, version } = foreseen;
  const next =
    outcome === 'unchanged' ? { profile: known, changed: foreseen } : activated(known, version, change);
  return { ...next, writes: [{ kind: 'merge', path: versionPath(name, version), patch: { text } }] };
}

function activated(known: StoredProfile, version: number, change: Change): Next {
  if (known.active === version)
    return { profile: known, writes: [], changed: { outcome: 'unchanged', version, isActive: true } };
  return {
    profile: {
      ...known,
      active: version,
      versions: known.versions.map((one) => (one.version === version ? { ...one, trial: false } : one)),
      changes: noted(known, change, version),
    },
    writes: [],
    changed: { outcome: 'activated', version, isActive: true },
  };
}

const noted = (
  known: StoredProfile | undefined,
  { action, by }: Change,
  version: number | null,
): StoredProfile['changes'] =>
  [...(known?.changes ?? []), { action, version, at: new Date(Date.now()), by }].slice(-MAX_CHANGES);

/** The list of active versions with this profile as it is to be; other profiles stay as they are. */
function listed(list: Stored | undefined, name: string, { profile }: Next): Write {
  const { [name]: _before, ...others } = list ? activeDocument.parse(list.data).active : {};
  const entry = profile.versions.find(({ version }) => version === profile.active);
  const mine = entry ? { [name]: { version: entry.version, digest: entry.digest } } : {};
  return writeOf(ACTIVE_PATH, list, { active: { ...others, ...mine }, updatedAt: new Date(Date.now()) });
}

const writeOf = (path: string, stored: Stored | undefined, data: Record<string, unknown>): Write =>
  stored ? { kind: 'change', path, patch: data, version: stored.version } : { kind: 'create', path, data };
