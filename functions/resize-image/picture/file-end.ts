import type { Format } from './format.ts';
import { firstDirectory } from './tiff/directory.ts';

/**
 * Whether the end of a file is missing that its decoder does not look for: a PNG is done for libpng with its last pixel, a GIF
 * for libvips with its first frame, a TIFF for libtiff without the place of a next page. Of all others they say so.
 */
export function isCutOff(bytes: Buffer, format: Format): boolean {
  if (format === 'png') return !hasPngEnd(bytes);
  if (format === 'tiff') return firstDirectory(bytes) === undefined;
  return format === 'gif' && endsWithinGif(bytes);
}

/** Chunks of length, type, data and checksum up to `IEND` (ISO/IEC 15948, 5.3). */
function hasPngEnd(bytes: Buffer): boolean {
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 12 + bytes.readUInt32BE(at);
    if (bytes.toString('latin1', at + 4, at + 8) === 'IEND') return end <= bytes.length;
    at = end;
  }
  return false;
}

const GIF_HEADER_BYTES = 13;
const [EXTENSION, IMAGE, TRAILER] = [0x21, 0x2c, 0x3b];

/** Blocks up to the trailer (GIF89a, appendix A); where an unknown one begins, the decoder decides. */
function endsWithinGif(bytes: Buffer): boolean {
  let at = GIF_HEADER_BYTES + tableBytes(bytes[10]);
  while (at < bytes.length) {
    const kind = bytes[at];
    if (kind === TRAILER) return false;
    if (kind === EXTENSION) at = behindParts(bytes, at + 2);
    else if (kind === IMAGE) at = behindParts(bytes, at + 11 + tableBytes(bytes[at + 9]));
    else return false;
  }
  return true;
}

/** Of the color table that flags announce. */
const tableBytes = (flags = 0): number => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));

/** Parts of up to 255 bytes, each behind its length, up to an empty one. */
function behindParts(bytes: Buffer, from: number): number {
  let at = from;
  for (let length = bytes[at]; length !== undefined; length = bytes[at]) {
    at += 1 + length;
    if (length === 0) return at;
  }
  return bytes.length;
}
