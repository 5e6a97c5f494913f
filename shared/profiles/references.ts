import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PixelSize } from '../prices/price-list.ts';
import type { Profile, Reference } from './define.ts';
import { PROFILES_FOLDER } from './folder.ts';
import { profilesFolder } from './index.ts';

interface PictureFacts extends PixelSize {
  mimeType: 'image/jpeg' | 'image/png';
}

const PNG_START = Buffer.from('89504e470d0a1a0a', 'hex');
const PNG_END = Buffer.from('0000000049454e44ae426082', 'hex');
const JPEG_END = Buffer.from('ffd9', 'hex');
const EXIF = 'Exif\0';

const NOT_A_PICTURE = 'it is neither a JPEG nor a PNG picture';
const CUT_OFF = 'it is cut off';
const HAS_EXIF =
  'it holds EXIF data, which may turn it and tell where it was taken; save it without, or take the prepared picture of an upload';

/**
 * Kind and size of a whole JPEG or PNG, or what is wrong with it. From the headers alone: a decoder would cost the cold
 * start of a function more than the pictures do.
 */
function pictureFacts(bytes: Buffer): PictureFacts | string {
  if (bytes.subarray(0, PNG_START.length).equals(PNG_START)) return pngFacts(bytes);
  return bytes.length > 4 && bytes.readUInt16BE(0) === 0xffd8 ? jpegFacts(bytes) : NOT_A_PICTURE;
}

/** https://www.w3.org/TR/png-3: the first chunk is the header, the last one is empty and always the same. */
function pngFacts(bytes: Buffer): PictureFacts | string {
  if (bytes.length < 45 || !bytes.subarray(-PNG_END.length).equals(PNG_END)) return CUT_OFF;
  return sized('image/png', bytes.readUInt32BE(16), bytes.readUInt32BE(20));
}

/** Follows the segments up to the frame header (ITU T.81, B.1): 0xff, marker, length, height and width after a byte. */
function jpegFacts(bytes: Buffer): PictureFacts | string {
  for (let at = 2; at + 9 < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes.readUInt8(at + 1);
    if (bytes.readUInt8(at) !== 0xff || marker === 0xda) return NOT_A_PICTURE;
    if (marker === 0xe1 && bytes.toString('latin1', at + 4, at + 4 + EXIF.length) === EXIF) return HAS_EXIF;
    if (!isFrame(marker)) continue;
    return bytes.lastIndexOf(JPEG_END) > at
      ? sized('image/jpeg', bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5))
      : CUT_OFF;
  }
  return CUT_OFF;
}

/** SOF0 to SOF15 without the three that are tables: DHT, JPG and DAC. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

const sized = (mimeType: PictureFacts['mimeType'], width: number, height: number): PictureFacts | string =>
  width > 0 && height > 0 ? { mimeType, width, height } : NOT_A_PICTURE;

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
 * start.
 */
const REFERENCES = 'references';
export const REFERENCES_FOLDER = join(PROFILES_FOLDER, REFERENCES);

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

/** The bytes of a reference picture by its name in the profile; undefined where there is none. */
export type ReadPicture = (file: string) => Buffer | undefined;

/** By the list that the profile has: a changed profile has another one. */
const loaded = new WeakMap<readonly Reference[], readonly ReferencePicture[]>();

/**
 * Reads the reference pictures of these profiles, and later of any other that is asked for. Throws a ReferencesError
 * that names profile and file of each bad one.
 */
export function loadReferences(
  profiles: readonly Profile[],
  folder = join(profilesFolder(), REFERENCES),
): ReferencesOf {
  const here = new WeakMap<readonly Reference[], readonly ReferencePicture[]>();
  const load = (all: readonly Profile[]): void => {
    const problems: string[] = [];
    for (const profile of all) {
      const { references } = profile;
      if (references === undefined || loaded.has(references)) continue;
      here.set(
        references,
        picturesOf(profile, readFrom(folder), (one) => problems.push(one)),
      );
    }
    if (problems.length > 0) throw new ReferencesError(problems);
  };
  load(profiles);
  return (profile) => {
    const { references } = profile;
    if (!references) return [];
    const known = () => loaded.get(references) ?? here.get(references);
    if (!known()) load([profile]);
    return known() ?? [];
  };
}

/** The same of one profile whose pictures do not lie in a folder; later callers find these. */
export function takeReferences(profile: Profile, read: ReadPicture): readonly ReferencePicture[] {
  const problems: string[] = [];
  const pictures = picturesOf(profile, read, (one) => problems.push(one));
  if (problems.length > 0) throw new ReferencesError(problems);
  if (profile.references) loaded.set(profile.references, pictures);
  return pictures;
}

function picturesOf(
  { name, references = [] }: Profile,
  read: ReadPicture,
  complain: (problem: string) => void,
): ReferencePicture[] {
  let together = 0;
  const pictures = references.flatMap((reference) => {
    const bytes = read(reference.file);
    together += bytes?.length ?? 0;
    const found = bytes ? pictureOf(reference, bytes) : 'there is no such file in profiles/references';
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

/** Reads from a folder such as `profiles/references`. */
export const readFrom =
  (folder: string): ReadPicture =>
  (file) => {
    try {
      return readFileSync(join(folder, file));
    } catch {
      return undefined;
    }
  };

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
