import { z } from 'zod';
import type { Reference } from '../define.ts';

/**
 * Profiles in Firestore:
 *
 * - `profiles/_active`: which version of each profile is asked; the only document that functions look at again.
 * - `profiles/{name}`: its versions and what happened to it.
 * - `profiles/{name}/versions/{version}`: the file; never changed in what it means.
 * - `profiles/{name}/pictures/{sha256}`: bytes of a reference picture.
 */
export const ACTIVE_PATH = 'profiles/_active';
export const profilePath = (name: string): string => `profiles/${name}`;
export const versionPath = (name: string, version: number): string => `profiles/${name}/versions/${version}`;
export const picturePath = (name: string, sha256: string): string => `profiles/${name}/pictures/${sha256}`;

const version = z.number().int().min(1);

const activeVersion = z.object({
  version,
  /** Of content and reference pictures: who has these already need not read the version. */
  digest: z.string(),
});

/** `profiles/_active`. Its names are keys that no field path has to name. */
export const activeDocument = z.object({ active: z.record(z.string(), activeVersion), updatedAt: z.date() });

export type ActiveVersions = Readonly<z.infer<typeof activeDocument>['active']>;

/** What became of a profile. `folder`: from the files that a deployment, or `npm start`, brings along. */
export const PROFILE_ACTIONS = ['folder', 'push', 'rollback', 'delete'] as const;

const author = {
  at: z.date(),
  /** Who did it, as signed in; null for a deployment, and where nobody signs in. */
  by: z.string().nullable(),
};

/** `profiles/{name}` */
export const profileDocument = z.object({
  /** Null while it is deleted. */
  active: version.nullable(),
  /** The greatest number given so far. */
  latest: version,
  /** Oldest first; `trial`: it was stored to be tried, and has not been active since. */
  versions: z.array(z.object({ version, digest: z.string(), trial: z.boolean().optional(), ...author })),
  /** Oldest first; `version` is the one that is active from then on. */
  changes: z.array(z.object({ action: z.enum(PROFILE_ACTIONS), version: version.nullable(), ...author })),
});

export type StoredProfile = z.infer<typeof profileDocument>;

/** Of what happened longer ago only the versions are kept. */
export const MAX_CHANGES = 200;

/** Whether a version was only ever tried. Earlier releases marked none: there the changes say so, while all are kept. */
export const isTrial = (
  { active, changes }: StoredProfile,
  { version, trial }: StoredProfile['versions'][number],
): boolean =>
  version !== active &&
  (trial ?? (changes.length < MAX_CHANGES && !changes.some((change) => change.version === version)));

/** `profiles/{name}/versions/{version}` */
export const versionDocument = z.object({
  /** The file as it was written. */
  text: z.string(),
  /** The same, read, as JSON: functions carry no parser of YAML. */
  content: z.string(),
  digest: z.string(),
  pictures: z.array(z.object({ file: z.string(), sha256: z.string() })),
  ...author,
});

export type StoredVersion = z.infer<typeof versionDocument>;

/** A reference picture by its content. */
export interface NamedPicture extends Pick<Reference, 'file'> {
  sha256: string;
  bytes: Uint8Array;
}
