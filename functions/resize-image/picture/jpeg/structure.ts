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

/** Baseline and extended sequential frames send every coefficient once, progressive ones in many scans. */
const BASELINE = 0xc0;
const EXTENDED = 0xc1;
const PROGRESSIVE = 0xc2;

/** One channel of a picture. Factors are how often it is sampled within a unit that all channels share. */
export interface Component {
  id: number;
  horizontal: number;
  vertical: number;
  quantTable: number;
}

/** Facts of a JPEG's frame header. Sizes in pixels. */
export interface JpegFrame {
  progressive: boolean;
  width: number;
  height: number;
  components: readonly Component[];
}

/** One pass over the coded data: which channels, which of their 64 coefficients, which bits of them. */
export interface Scan {
  components: readonly { component: Component; dcTable: number; acTable: number }[];
  firstCoefficient: number;
  lastCoefficient: number;
  /** The bit position above the one that is sent; 0: these coefficients are sent for the first time. */
  highBit: number;
  lowBit: number;
}

/** SOF0 to SOF15, without the three markers of that range that are tables (DHT, JPG, DAC). */
export const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/**
 * The frame header (ITU-T T.81, B.2.2) of a picture that every reader decodes: Huffman, 8 bits, gray or three channels.
 * @returns undefined for any other and for one that says more than it has to.
 */
export function readFrame(marker: number, segment: Buffer): JpegFrame | undefined {
  if (![BASELINE, EXTENDED, PROGRESSIVE].includes(marker) || segment.length < 10) return undefined;
  const count = segment.readUInt8(9);
  if (segment.readUInt8(4) !== 8 || (count !== 1 && count !== 3) || segment.length !== 10 + 3 * count)
    return undefined;
  const components = Array.from({ length: count }, (_, i): Component => {
    const at = 10 + 3 * i;
    const factors = segment.readUInt8(at + 1);
    return {
      id: segment.readUInt8(at),
      horizontal: factors >> 4,
      vertical: factors & 15,
      quantTable: segment.readUInt8(at + 2),
    };
  });
  const isSampled = (factor: number) => factor >= 1 && factor <= 4;
  if (!components.every((it) => isSampled(it.horizontal) && isSampled(it.vertical))) return undefined;
  const [height, width] = [segment.readUInt16BE(5), segment.readUInt16BE(7)];
  // A height of 0 is stated behind the first scan (DNL), which hardly any decoder reads.
  if (width === 0 || height === 0) return undefined;
  return { progressive: marker === PROGRESSIVE, width, height, components };
}

/** The scan header (ITU-T T.81, B.2.3); undefined if it names channels that are not there or says more than it has to. */
export function readScan(segment: Buffer, frame: JpegFrame): Scan | undefined {
  const count = segment.length > 4 ? segment.readUInt8(4) : 0;
  if (count < 1 || count > 4 || segment.length !== 8 + 2 * count) return undefined;
  const components = Array.from({ length: count }, (_, i) => {
    const component = frame.components.find(({ id }) => id === segment.readUInt8(5 + 2 * i));
    const tables = segment.readUInt8(6 + 2 * i);
    return component && { component, dcTable: tables >> 4, acTable: tables & 15 };
  }).filter((it) => it !== undefined);
  if (components.length !== count || new Set(components.map((it) => it.component)).size !== count)
    return undefined;
  const at = 5 + 2 * count;
  if (!frame.progressive)
    return { components, firstCoefficient: 0, lastCoefficient: 63, highBit: 0, lowBit: 0 };
  const scan: Scan = {
    components,
    firstCoefficient: segment.readUInt8(at),
    lastCoefficient: segment.readUInt8(at + 1),
    highBit: segment.readUInt8(at + 2) >> 4,
    lowBit: segment.readUInt8(at + 2) & 15,
  };
  return isProgression(scan) ? scan : undefined;
}

/** ITU-T T.81, G.1.1.1: either the mean of every block or, of one channel, a range of the others; a bit at a time. */
const isProgression = ({ components, firstCoefficient, lastCoefficient, highBit, lowBit }: Scan): boolean =>
  (firstCoefficient === 0
    ? lastCoefficient === 0
    : components.length === 1 && lastCoefficient >= firstCoefficient && lastCoefficient <= 63) &&
  lowBit <= 13 &&
  (highBit === 0 || highBit === lowBit + 1);

/** The header again, with nothing in it but what is read from it. */
export function writeScan({ components, ...scan }: Scan): Buffer {
  const channels = components.flatMap(({ component, dcTable, acTable }) => [
    component.id,
    (dcTable << 4) | acTable,
  ]);
  const range = [scan.firstCoefficient, scan.lastCoefficient, (scan.highBit << 4) | scan.lowBit];
  return Buffer.from([0xff, 0xda, 0, 6 + 2 * components.length, components.length, ...channels, ...range]);
}

const COEFFICIENTS = 64;

/**
 * Which coefficients of a progressive picture have been sent. A file may be cut off between two scans and closed with an
 * end marker: no decoder objects, and shows it blurred or without its colors. That the last bits of a coefficient never
 * come is another matter: it is as if saved at a lower quality.
 */
export class Progression {
  #frame: JpegFrame | undefined;
  readonly #sent = new Map<JpegFrame['components'][number], Set<number>>();

  take(marker: number, segment: Buffer): void {
    if (isFrame(marker)) this.#frame ??= readFrame(marker, segment);
    const frame = this.#frame;
    if (marker !== SOS || !frame?.progressive) return;
    const scan = readScan(segment, frame);
    for (const { component } of scan?.components ?? []) {
      const sent = this.#sent.get(component) ?? new Set();
      for (let k = scan?.firstCoefficient ?? 0; k <= (scan?.lastCoefficient ?? -1); k += 1) sent.add(k);
      this.#sent.set(component, sent);
    }
  }

  /** False if a channel lacks coefficients; true for what is not progressive or of an uncommon kind. */
  get isWhole(): boolean {
    const frame = this.#frame;
    if (!frame?.progressive) return true;
    return frame.components.every((component) => this.#sent.get(component)?.size === COEFFICIENTS);
  }
}

/**
 * The file up to the end of its main picture: without the gain map, second picture or video that phones append, which
 * would cost libvips a slower loader and three times the memory.
 * @returns undefined if no end marker follows the coded data, or scans of a progressive picture are missing before it: the
 *   file is cut off. Where the segments cannot be followed but an end is there, the whole file: the decoder judges it.
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
