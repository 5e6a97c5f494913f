import { sharp } from '../engine.ts';
import type { Declared } from '../inspect.ts';
import { isHarmlessWarning } from '../jpeg-leniency.ts';
import type { RenderOptions } from '../render.ts';
import { type Coefficients, Pace, trimmed } from './coded-data.ts';
import { readHuffmanTables, readQuantTables, type Tables, writeTable } from './huffman.ts';
import {
  APP0,
  APP14,
  CODED,
  DHT,
  DQT,
  DRI,
  EOI,
  isFrame,
  type JpegFrame,
  readFrame,
  readScan,
  type Scan,
  SOI,
  SOS,
  segmentsOf,
  writeScan,
} from './structure.ts';

/**
 * Quality 85 writes about 0.3 bytes per pixel. More than this is a picture saved at a quality nobody sees, and the
 * request that carries it to the model is limited to 20 MB.
 */
const MAX_BYTES_PER_PIXEL = 1;
const SMALL_BYTES = 64 * 1024;

/** Decoding to a ninth lets libjpeg skip everything but reading the coded data to its end. */
const VERIFY_SHRINK = 9;

interface Untouched {
  bytes: Buffer;
  width: number;
  height: number;
}

/**
 * The picture itself without its metadata, when nothing else is to be done: a small enough, upright, ordinary sRGB or
 * gray JPEG. Every coded byte is decoded once, so that a damaged picture never passes.
 * @returns undefined when the picture has to be re-encoded, or when the decoder objects: rendering then names why.
 */
export async function passThrough(
  bytes: Buffer,
  declared: Declared,
  options: RenderOptions,
): Promise<Untouched | undefined> {
  const { format, orientation, color } = declared;
  if (format !== 'jpeg' || orientation !== 1 || color !== 'none') return undefined;
  if (Math.max(declared.width, declared.height) > options.maxSide) return undefined;
  const stripped = await stripJpeg(bytes);
  if (!stripped || isWasteful(stripped.bytes, stripped.frame)) return undefined;
  const { width, height } = stripped.frame;
  return (await decodes(stripped.bytes, stripped.frame, options))
    ? { bytes: stripped.bytes, width, height }
    : undefined;
}

const isWasteful = (bytes: Buffer, { width, height }: JpegFrame): boolean =>
  bytes.length > SMALL_BYTES && bytes.length > width * height * MAX_BYTES_PER_PIXEL;

async function decodes(
  bytes: Buffer,
  { width, height }: JpegFrame,
  options: RenderOptions,
): Promise<boolean> {
  try {
    await sharp(bytes, { failOn: 'warning', limitInputPixels: options.maxPixels })
      .resize(Math.ceil(width / VERIFY_SHRINK), Math.ceil(height / VERIFY_SHRINK), { fit: 'fill' })
      .timeout({ seconds: Math.min(3600, Math.ceil(options.timeLimitMs / 1000)) })
      .raw()
      .toBuffer();
    return true;
  } catch (error) {
    return isHarmlessWarning(error);
  }
}

interface StrippedJpeg {
  /** The same picture, coefficient for coefficient, and nothing else. */
  bytes: Buffer;
  frame: JpegFrame;
}

const START = Buffer.from([0xff, SOI]);
const END = Buffer.from([0xff, EOI]);
/** JFIF 1.01, no unit, no thumbnail: its presence tells decoders that three components are YCbCr, whatever their ids. */
const PLAIN_JFIF = Buffer.from('ffe000104a46494600010100000100010000', 'hex');
/** Where an Adobe segment says how the colors were transformed; programs write more behind it. */
const ADOBE_TRANSFORM_AT = 15;

/**
 * Rewrites the picture from what decoding its pixels takes: frame, used tables, scans, restart intervals, a plain
 * JFIF header where there was one and Adobe's color transform flag, because these two decide between YCbCr and RGB.
 * Whatever else a file can hold (EXIF, GPS, XMP, IPTC, ICC, comments, thumbnails, reserved segments, tables that nothing
 * uses, bytes behind coded data, further pictures after the end) has no way into it.
 * @returns undefined if the picture is of an uncommon kind or cannot be followed to its end.
 */
export async function stripJpeg(jpeg: Buffer): Promise<StrippedJpeg | undefined> {
  const rewriting = new Rewriting();
  for (const { marker, bytes } of segmentsOf(jpeg)) {
    if (marker === EOI) return rewriting.finish();
    if (!(await rewriting.take(marker, bytes))) return undefined;
  }
  return undefined;
}

class Rewriting {
  readonly #written: Buffer[] = [START];
  readonly #tables: Tables = { quant: new Map(), huffman: new Map() };
  /** By marker and number, what the decoder of the result has at this point. */
  readonly #sent = new Map<string, Buffer>();
  readonly #coefficients: Coefficients = new Map();
  readonly #pace = new Pace();
  readonly #seen = new Set<JpegFrame['components'][number]>();
  #frame: JpegFrame | undefined;
  #scan: Scan | undefined;
  #restartInterval = 0;

  /** False if this cannot be kept as it is. */
  take(marker: number, segment: Buffer): boolean | Promise<boolean> {
    switch (marker) {
      case DQT:
        return readQuantTables(segment, this.#tables);
      case DHT:
        return readHuffmanTables(segment, this.#tables);
      case DRI:
        return this.#takeRestartInterval(segment);
      case SOS:
        return this.#takeScan(segment);
      case CODED:
        return this.#takeCoded(segment);
      case APP0:
        if (startsWith(segment, 'JFIF\0')) this.#written.push(PLAIN_JFIF);
        return true;
      case APP14:
        if (startsWith(segment, 'Adobe') && segment.length > ADOBE_TRANSFORM_AT)
          this.#written.push(plainAdobe(segment.readUInt8(ADOBE_TRANSFORM_AT)));
        return true;
      default:
        return !isFrame(marker) || this.#takeFrame(marker, segment);
    }
  }

  /** Undefined unless every channel was there. */
  finish(): StrippedJpeg | undefined {
    const frame = this.#frame;
    if (!frame || this.#seen.size !== frame.components.length) return undefined;
    return { bytes: Buffer.concat([...this.#written, END]), frame };
  }

  #takeFrame(marker: number, segment: Buffer): boolean {
    if (this.#frame) return false;
    this.#frame = readFrame(marker, segment);
    if (!this.#frame) return false;
    this.#written.push(segment);
    return true;
  }

  #takeRestartInterval(segment: Buffer): boolean {
    if (segment.length !== 6) return false;
    this.#restartInterval = segment.readUInt16BE(4);
    this.#written.push(segment);
    return true;
  }

  #takeScan(segment: Buffer): boolean {
    const frame = this.#frame;
    const scan = frame && readScan(segment, frame);
    if (!scan) return false;
    for (const { component, dcTable, acTable } of scan.components) {
      // Sent a second time, a channel would replace the first: nobody writes that.
      if (this.#seen.has(component) && !frame.progressive) return false;
      this.#seen.add(component);
      if (!this.#send(DQT, component.quantTable)) return false;
      const readsMeans = scan.firstCoefficient === 0 && scan.highBit === 0;
      if (readsMeans && !this.#send(DHT, dcTable)) return false;
      if (scan.lastCoefficient > 0 && !this.#send(DHT, 0x10 | acTable)) return false;
    }
    this.#scan = scan;
    this.#written.push(writeScan(scan));
    return true;
  }

  /** Writes a table that the next scan uses, unless the decoder has it. */
  #send(marker: typeof DQT | typeof DHT, number: number): boolean {
    const table = (marker === DQT ? this.#tables.quant : this.#tables.huffman).get(number);
    if (!table) return false;
    const key = `${marker} ${number}`;
    if (this.#sent.get(key)?.equals(table)) return true;
    this.#sent.set(key, table);
    this.#written.push(writeTable(marker, table));
    return true;
  }

  async #takeCoded(coded: Buffer): Promise<boolean> {
    const [frame, scan] = [this.#frame, this.#scan];
    const kept =
      frame &&
      scan &&
      (await trimmed(coded, frame, scan, {
        tables: this.#tables,
        restartInterval: this.#restartInterval,
        coefficients: this.#coefficients,
        pace: this.#pace,
      }));
    if (!kept) return false;
    this.#written.push(kept);
    return true;
  }
}

const startsWith = (segment: Buffer, text: string): boolean =>
  segment.toString('latin1', 4, 4 + text.length) === text;

/** Version 100, no flags, and the transform. */
const plainAdobe = (transform: number): Buffer =>
  Buffer.from([0xff, APP14, 0, 14, ...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, transform]);
