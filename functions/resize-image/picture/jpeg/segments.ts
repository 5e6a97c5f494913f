import { Progression } from './frame.ts';

/** Markers of a JPEG file (ITU-T T.81, table B.1), without their 0xff. */
export const SOI = 0xd8;
export const EOI = 0xd9;
export const SOS = 0xda;
export const DQT = 0xdb;
export const DHT = 0xc4;
export const DRI = 0xdd;
export const APP0 = 0xe0;
export const APP14 = 0xee;
export const RST0 = 0xd0;
/** No marker: stands for the coded data of a scan. */
export const CODED = -1;

const END = Buffer.from([0xff, EOI]);

interface Segment {
  /** `CODED` for the data that follows a scan header. */
  marker: number;
  /** With marker and length. */
  bytes: Buffer;
  /** Where it ends in the file. */
  end: number;
}

/** Everything from the start to the end marker, in order; stops early where the structure breaks. */
export function* segmentsOf(jpeg: Buffer): Generator<Segment> {
  let at = 2;
  while (jpeg[at] === 0xff) {
    const marker = jpeg[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1; // fill byte
      continue;
    }
    if (marker === EOI) yield { marker, bytes: jpeg.subarray(at, at + 2), end: at + 2 };
    if (isStandalone(marker) || at + 4 > jpeg.length) return;
    const end = at + 2 + jpeg.readUInt16BE(at + 2);
    if (end > jpeg.length || end < at + 4) return;
    yield { marker, bytes: jpeg.subarray(at, end), end };
    at = end;
    if (marker !== SOS) continue;
    at = codedEnd(jpeg, end);
    yield { marker: CODED, bytes: jpeg.subarray(end, at), end: at };
  }
}

/** Restart markers, start, end, TEM and the reserved 0x00 have no length and may not stand between segments. */
const isStandalone = (marker: number): boolean => marker <= 0x01 || (marker >= RST0 && marker <= EOI);

/** Where the coded data after a scan header ends: at the first marker that is neither a stuffed 0xff nor a restart. */
function codedEnd(jpeg: Buffer, from: number): number {
  for (let at = jpeg.indexOf(0xff, from); at !== -1; at = jpeg.indexOf(0xff, at + 1)) {
    const next = jpeg[at + 1];
    if (next === undefined) break;
    if (next !== 0x00 && next !== 0xff && !(next >= RST0 && next <= 0xd7)) return at;
  }
  return jpeg.length;
}

/**
 * The file up to the end of its main picture: without the gain map, second picture or video that phones append, which
 * would cost libvips a slower loader and three times the memory.
 * @returns undefined if no end marker follows the coded data, or scans of a progressive picture are missing before it: the
 *   file is cut off. Where the segments cannot be
 *   followed but an end is there, the whole file: the decoder judges it.
 */
export function mainPicture(jpeg: Buffer): Buffer | undefined {
  let read = 2;
  const progression = new Progression();
  for (const { marker, bytes, end } of segmentsOf(jpeg)) {
    if (marker === EOI) return progression.isWhole ? jpeg.subarray(0, end) : undefined;
    progression.take(marker, bytes);
    read = end;
  }
  return jpeg.lastIndexOf(END) >= read ? jpeg : undefined;
}
