import { createHash } from 'node:crypto';
import type { Profile } from '../define.ts';
import type { ProfileFile } from '../file/profile-file.ts';
import type { ReadProfile } from '../file/read-profile.ts';
import type { FileProblem } from '../file/strict-yaml.ts';
import type { ReadPicture } from '../references.ts';
import type { NamedPicture } from './profile-documents.ts';

/** A profile that may become a version, with all that belongs to it. */
export interface Candidate {
  name: string;
  text: string;
  content: ProfileFile;
  profile: Profile;
  /** Of content and reference pictures. */
  digest: string;
  pictures: readonly NamedPicture[];
  warnings: readonly FileProblem[];
}

type UsableFile = Extract<ReadProfile, { profile: Profile }>;

/** The profile of a file with its reference pictures; undefined where one of them is missing. */
export function candidateOf(
  name: string,
  text: string,
  { profile, content, digest, warnings }: UsableFile,
  readPicture: ReadPicture,
): Candidate | undefined {
  const { references = [] } = profile;
  const pictures = references.flatMap(({ file }): NamedPicture[] => {
    const bytes = readPicture(file);
    return bytes ? [{ file, bytes, sha256: createHash('sha256').update(bytes).digest('hex') }] : [];
  });
  if (pictures.length < references.length) return undefined;
  return { ...{ name, text, content, profile, pictures, warnings }, digest: digestWith(digest, pictures) };
}

/** Other pictures under the same names are another content. */
const digestWith = (digest: string, pictures: readonly NamedPicture[]): string =>
  pictures.length === 0
    ? digest
    : createHash('sha256')
        .update([digest, ...pictures.map(({ sha256 }) => sha256)].join(' '))
        .digest('hex')
        .slice(0, 16);
