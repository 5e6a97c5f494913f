import { randomBytes } from 'node:crypto';

/** Room for the folders and the suffix within Cloud Storage's 1,024 bytes. */
const MAX_STEM_BYTES = 200;
const MAX_EXTENSION = 10;

/** Separators, control characters and the characters that command-line tools and URLs give a meaning of their own. */
const UNHANDY = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}/\\:*?"<>|#%[\]]+/gu;

/** The extension that people and programs know a picture by, for a file that came without one. */
const EXTENSIONS: ReadonlyMap<string, string> = new Map([
  ['image/jpeg', '.jpg'],
  ['image/jpg', '.jpg'],
  ['image/png', '.png'],
  ['image/webp', '.webp'],
  ['image/gif', '.gif'],
  ['image/avif', '.avif'],
  ['image/heic', '.heic'],
  ['image/heif', '.heif'],
  ['image/tiff', '.tiff'],
  ['image/svg+xml', '.svg'],
]);

/**
 * Where an upload is stored: `inventory/2026-11-20/IMG_1-9f2c4e01a7b3.jpg`. The person's file name stays readable; 48
 * random bits keep two files of one name and day apart. A name without an extension gets that of its content type. The
 * day is that of UTC.
 */
export function objectName(
  profile: string,
  file: { name: string; contentType: string },
  now: Date,
  random = randomBytes(6).toString('hex'),
): string {
  const { stem, extension } = split(file.name.normalize('NFC').replace(UNHANDY, ' '));
  const readable = clip(
    stem
      .trim()
      .replace(/\s+/g, '-')
      .replace(/^[.-]+/, ''),
    MAX_STEM_BYTES,
  );
  const kind = extension === '' ? (EXTENSIONS.get(file.contentType.toLowerCase()) ?? '') : extension;
  return `${profile}/${now.toISOString().slice(0, 10)}/${readable === '' ? 'picture' : readable}-${random}${kind}`;
}

function split(name: string): { stem: string; extension: string } {
  const match = /^(.*?)(\.[A-Za-z0-9]+)?\s*$/su.exec(name);
  const extension = match?.[2] ?? '';
  return extension.length > MAX_EXTENSION + 1
    ? { stem: name, extension: '' }
    : { stem: match?.[1] ?? name, extension: extension.toLowerCase() };
}

/** At most this many bytes of UTF-8, never half a character. */
function clip(text: string, maxBytes: number): string {
  let bytes = 0;
  let clipped = '';
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    clipped += character;
  }
  return clipped;
}
