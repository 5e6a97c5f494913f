import type { Box } from './boxes.ts';
import { mainItem } from './main-item.ts';

/** Colors as numbers of ITU-T H.273 (`colr` of type `nclx`, ISO/IEC 14496-12 12.1.5), and what else they depend on. */
export interface NamedColors {
  primaries: number;
  transfer: number;
  matrix: number;
  /** Whether 0 is black and the highest value white; else both lie inside, as in video. */
  isFullRange: boolean;
  /** Coded without chroma. */
  isGray: boolean;
  /** Of the brightest pixel (`clli`), in cd/m²; 0 where the file does not say. */
  brightest: number;
}

/** Undefined if the main picture names no colors, or if it has a profile, which says more. */
export function namedColors(bytes: Buffer): NamedColors | undefined {
  const main = mainItem(bytes);
  if (!main) return undefined;
  const boxes = [...main.properties, ...main.codedProperties];
  const colr = boxes.filter(({ type, contentAt, end }) => type === 'colr' && end - contentAt >= 4);
  const kind = ({ contentAt }: Box) => bytes.toString('latin1', contentAt, contentAt + 4);
  const nclx = colr.find((it) => kind(it) === 'nclx' && it.end - it.contentAt >= 11);
  if (!nclx || colr.some((it) => kind(it) === 'prof' || kind(it) === 'rICC')) return undefined;
  const number = (i: number) => bytes.readUInt16BE(nclx.contentAt + 4 + 2 * i);
  return {
    primaries: number(0),
    transfer: number(1),
    matrix: number(2),
    isFullRange: (bytes.readUInt8(nclx.contentAt + 10) & 0x80) !== 0,
    isGray: boxes.some((box) => isGrayConfiguration(bytes, box)),
    brightest: brightestOf(bytes, boxes),
  };
}

/** Of AV1 (`av1C`: a bit) and HEVC (`hvcC`: chroma format 0). */
function isGrayConfiguration(bytes: Buffer, { type, contentAt, end }: Box): boolean {
  if (type === 'av1C' && end - contentAt >= 4) return (bytes.readUInt8(contentAt + 2) & 0x10) !== 0;
  return type === 'hvcC' && end - contentAt >= 23 && (bytes.readUInt8(contentAt + 16) & 3) === 0;
}

function brightestOf(bytes: Buffer, boxes: readonly Box[]): number {
  const clli = boxes.find(({ type, contentAt, end }) => type === 'clli' && end - contentAt >= 4);
  return clli ? bytes.readUInt16BE(clli.contentAt) : 0;
}
