import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PixelSize } from '../prices/image-tokens.ts';
import type { Profile, Reference } from './define.ts';
import { pictureFacts } from './reference-facts.ts';

/** A picture that explains what is asked, ready to be sent. */
export interface ReferencePicture extends PixelSize {
  caption: string;
  mimeType: 'image/jpeg' | 'image/png';
  base64: string;
  sha256: string;
}

/** The reference pictures of a profile, in its order; none for a profile without. */
export type ReferencesOf = (profile: Profile) => readonly ReferencePicture[];

/**
 * Where profiles keep their reference pictures. They are files, so that a review shows them and only the function that
 * sends them carries them: in a module they would be in each function's bundle, a third larger and read at each cold
 * start. The build copies this folder beside the bundle of whatever imports this file, so its place relative to the
 * running module is the same here and there.
 */
export const REFERENCES_FOLDER = fileURLToPath(new URL('./references/', import.meta.url));

/** They go along with every call, and a request with its picture must stay below 20 MB in base64. */
const MAX_BYTES = 1_000_000;
const MAX_BYTES_TOGETHER = 4_000_000;

/** Everything wrong with the reference pictures. */
export class ReferencesError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Reference pictures are not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ReferencesError';
    this.problems = problems;
  }
}

/** Reads the reference pictures of these profiles. Throws a ReferencesError that names profile and file of each bad one. */
export function loadReferences(profiles: readonly Profile[], folder = REFERENCES_FOLDER): ReferencesOf {
  const problems: string[] = [];
  const loaded = new Map(
    profiles.map((profile) => [profile.name, picturesOf(profile, folder, (one) => problems.push(one))]),
  );
  if (problems.length > 0) throw new ReferencesError(problems);
  return ({ name }) => loaded.get(name) ?? [];
}

function picturesOf(
  { name, references = [] }: Profile,
  folder: string,
  complain: (problem: string) => void,
): ReferencePicture[] {
  let together = 0;
  const pictures = references.flatMap((reference) => {
    const bytes = read(join(folder, reference.file));
    together += bytes?.length ?? 0;
    const found = bytes ? pictureOf(reference, bytes) : 'there is no such file in shared/profiles/references';
    if (typeof found !== 'string') return [found];
    complain(`profile ${name}, ${reference.file}: ${found}`);
    return [];
  });
  if (together > MAX_BYTES_TOGETHER)
    complain(
      `profile ${name}: its reference pictures have ${together} bytes together, at most ${MAX_BYTES_TOGETHER} can be sent with every call`,
    );
  return pictures;
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** The picture, or what is wrong with it. */
function pictureOf({ caption }: Reference, bytes: Buffer): ReferencePicture | string {
  if (bytes.length > MAX_BYTES)
    return `it has ${bytes.length} bytes, at most ${MAX_BYTES} can be sent with every call; make it smaller`;
  const facts = pictureFacts(bytes);
  if (typeof facts === 'string') return facts;
  return {
    caption,
    ...facts,
    base64: bytes.toString('base64'),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}
