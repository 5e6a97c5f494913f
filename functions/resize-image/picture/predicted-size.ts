/**
 * Mean of the luminance table that quality 50 uses (ITU-T T.81, table K.1).
 */
const STANDARD_MEAN = 57.625;

/**
 * Fixed Huffman tables suit a detailed photo to 1 %; below this many bytes per pixel they make a picture 5 to 90 % larger
 * than tables of its own, which cost little on so few bytes.
 */
const FLAT_BYTES_PER_PIXEL = 0.08;

export const isFlat = (bytesPerPixel: number): boolean => bytesPerPixel < FLAT_BYTES_PER_PIXEL;

/** What the headers of a JPEG tell of its coded data. */
interface Coded {
  /** Of the first component, mean of its 64 divisors: the coarser, the fewer bytes for the same detail. */
  meanDivisor: number;
  scanBytes: number;
}

/**
 * Bytes per pixel of a JPEG once it is shrunk to `maxSide` and encoded at quality 85, from its headers alone. Least
 * squares over the logarithms of 93 photos of dozens of cameras, 2560 to 6000 pixels wide; cross-validated, the error
 * is 15 % in the median and 43 % in one of twenty.
 * @returns undefined when the headers cannot be followed to the coded data.
 */
export function predictedBytesPerPixel(
  jpeg: Buffer,
  { width, height }: { width: number; height: number },
  maxSide: number,
): number | undefined {
  const coded = readCoded(jpeg);
  if (!coded) return undefined;
  const detail = coded.scanBytes / (width * height);
  const coarseness = (coded.meanDivisor / STANDARD_MEAN) * 100;
  const reduction = Math.max(1, Math.max(width, height) / maxSide);
  return Math.exp(-2.24) * detail ** 0.923 * coarseness ** 0.618 * reduction ** 0.198;
}

const DQT = 0xdb;
const SOS = 0xda;

function readCoded(jpeg: Buffer): Coded | undefined {
  const means = new Map<number, number>();
  let luma = 0;
  let at = 2;
  while (at + 4 <= jpeg.length) {
    if (jpeg[at] !== 0xff) return undefined;
    const marker = jpeg[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1; // fill byte
      continue;
    }
    const end = at + 2 + jpeg.readUInt16BE(at + 2);
    if (end > jpeg.length) return undefined;
    const body = jpeg.subarray(at + 4, end);
    if (marker === DQT) readTables(body, means);
    if (isFrame(marker)) luma = body[8] ?? 0;
    if (marker === SOS) {
      const meanDivisor = means.get(luma);
      return meanDivisor ? { meanDivisor, scanBytes: jpeg.length - end } : undefined;
    }
    at = end;
  }
  return undefined;
}

/** Baseline, extended and progressive, with Huffman codes. */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xc2;

/** Each table is a byte of precision (high half) and number (low half), then 64 divisors of one or two bytes. */
function readTables(body: Buffer, means: Map<number, number>): void {
  for (let at = 0; at < body.length; ) {
    const head = body[at] ?? 0;
    const size = head >> 4 === 0 ? 1 : 2;
    const table = body.subarray(at + 1, at + 1 + 64 * size);
    if (table.length < 64 * size) return;
    let sum = 0;
    for (let i = 0; i < 64; i += 1) sum += size === 1 ? table.readUInt8(i) : table.readUInt16BE(2 * i);
    means.set(head & 0x0f, sum / 64);
    at += 1 + 64 * size;
  }
}
