/** Facts of a JPEG's frame header and markers that decide how it is decoded. Sizes in pixels. */
export interface JpegFrame {
  width: number;
  height: number;
  components: number;
  bitsPerSample: number;
  /** Start-of-frame marker: 0xc0 baseline, 0xc1 extended, 0xc2 progressive; others are exotic. */
  kind: number;
}

interface StrippedJpeg {
  /** The same picture, bit for bit, without metadata, comments and whatever followed its end. */
  bytes: Buffer;
  frame: JpegFrame;
}

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP0 = 0xe0;
const APP14 = 0xee;
const APP15 = 0xef;
const COM = 0xfe;
/** No marker: stands for the coded data of a scan. */
const CODED = -1;

const START = Buffer.from([0xff, SOI]);
const END = Buffer.from([0xff, EOI]);
/** JFIF 1.01, no unit, no thumbnail: its presence tells decoders that three components are YCbCr, whatever their ids. */
const PLAIN_JFIF = Buffer.from('ffe000104a46494600010100000100010000', 'hex');

/**
 * Drops every segment that is not needed to decode the pixels (EXIF, GPS, XMP, IPTC, ICC, comments, thumbnails, further
 * pictures after the end) without touching the coded data. Kept: tables, frames, scans, restart intervals, a plain JFIF
 * header where there was one and Adobe's color transform flag, because these two decide between YCbCr and RGB.
 * @returns undefined if the segments cannot be followed to the end of the picture.
 */
export function stripJpeg(jpeg: Buffer): StrippedJpeg | undefined {
  const kept: Buffer[] = [START];
  let frame: JpegFrame | undefined;
  for (const { marker, bytes } of segmentsOf(jpeg)) {
    if (marker === EOI) return frame && { bytes: Buffer.concat([...kept, END]), frame };
    if (isFrame(marker)) frame = readFrame(marker, bytes);
    const keep = keptForm(marker, bytes);
    if (keep) kept.push(keep);
  }
  return undefined;
}

/**
 * The file up to the end of its main picture: without the gain map, second picture or video that phones append, which
 * would cost libvips a slower loader and three times the memory.
 * @returns undefined if no end marker follows the coded data: the file is cut off. Where the segments cannot be
 *   followed but an end is there, the whole file: the decoder judges it.
 */
export function mainPicture(jpeg: Buffer): Buffer | undefined {
  let read = 2;
  for (const { marker, end } of segmentsOf(jpeg)) {
    if (marker === EOI) return jpeg.subarray(0, end);
    read = end;
  }
  return jpeg.lastIndexOf(END) >= read ? jpeg : undefined;
}

interface Segment {
  /** `CODED` for the data that follows a scan header. */
  marker: number;
  bytes: Buffer;
  /** Where it ends in the file. */
  end: number;
}

/** Everything from the start to the end marker, in order; stops early where the structure breaks. */
function* segmentsOf(jpeg: Buffer): Generator<Segment> {
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
const isStandalone = (marker: number): boolean => marker <= 0x01 || (marker >= 0xd0 && marker <= EOI);

/** SOF0 to SOF15, without the three markers of that range that are tables (DHT, JPG, DAC). */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

function keptForm(marker: number, segment: Buffer): Buffer | undefined {
  if (marker === COM) return undefined;
  if (marker === APP0) return startsWith(segment, 'JFIF\0') ? PLAIN_JFIF : undefined;
  if (marker === APP14) return startsWith(segment, 'Adobe') ? segment : undefined;
  return marker > APP0 && marker <= APP15 ? undefined : segment;
}

const startsWith = (segment: Buffer, text: string): boolean =>
  segment.toString('latin1', 4, 4 + text.length) === text;

function readFrame(kind: number, segment: Buffer): JpegFrame | undefined {
  if (segment.length < 10) return undefined;
  return {
    kind,
    bitsPerSample: segment.readUInt8(4),
    height: segment.readUInt16BE(5),
    width: segment.readUInt16BE(7),
    components: segment.readUInt8(9),
  };
}

/** Where the coded data after a scan header ends: at the first marker that is neither a stuffed 0xff nor a restart. */
function codedEnd(jpeg: Buffer, from: number): number {
  for (let at = jpeg.indexOf(0xff, from); at !== -1; at = jpeg.indexOf(0xff, at + 1)) {
    const next = jpeg[at + 1];
    if (next === undefined) break;
    if (next !== 0x00 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  return jpeg.length;
}
