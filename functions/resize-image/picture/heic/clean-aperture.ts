import type { Box } from './boxes.ts';
import { mainItem } from './main-item.ts';

/** A part of a picture, in pixels. */
export interface Part {
  left: number;
  top: number;
  width: number;
  height: number;
}

interface Area {
  width: number;
  height: number;
}

interface Uncropped {
  bytes: Buffer;
  /** What is to be kept of the picture that comes out of `bytes`, turned as it comes out. */
  keep: Part;
}

const CLAP_BYTES = 32;

/**
 * The file without the crop of its main picture (`clap`, ISO/IEC 14496-12 12.1.4), and that crop: libheif holds the
 * coded picture against the cropped size and refuses it if it has more than 64 columns and rows around that.
 * @returns undefined if there is no crop, or none that lies within the picture.
 */
export function uncropped(file: Uint8Array): Uncropped | undefined {
  const bytes = Buffer.from(file);
  const properties = mainItem(bytes)?.properties ?? [];
  const clap = properties.find(({ type }) => type === 'clap');
  const whole = areaOf(bytes, properties);
  if (!clap || !whole || clap.end - clap.contentAt < CLAP_BYTES) return undefined;
  const part = partOf(bytes, clap, whole);
  if (!part) return undefined;
  writeWhole(bytes, clap, whole);
  const after = properties.slice(properties.indexOf(clap) + 1);
  return { bytes, keep: turned(bytes, after, part, whole) };
}

function areaOf(bytes: Buffer, properties: readonly Box[]): Area | undefined {
  const ispe = properties.find(({ type }) => type === 'ispe');
  return (
    ispe && { width: bytes.readUInt32BE(ispe.contentAt + 4), height: bytes.readUInt32BE(ispe.contentAt + 8) }
  );
}

/** Width, height and the distance of the centers are fractions. */
function partOf(bytes: Buffer, { contentAt }: Box, whole: Area): Part | undefined {
  const fraction = (i: number) =>
    bytes.readInt32BE(contentAt + 8 * i) / bytes.readInt32BE(contentAt + 8 * i + 4);
  const [width, height] = [Math.round(fraction(0)), Math.round(fraction(1))];
  const left = Math.round(fraction(2) + (whole.width - width) / 2);
  const top = Math.round(fraction(3) + (whole.height - height) / 2);
  const fits = width > 0 && height > 0 && left >= 0 && top >= 0;
  if (!fits || left + width > whole.width || top + height > whole.height) return undefined;
  return { left, top, width, height };
}

function writeWhole(bytes: Buffer, { contentAt }: Box, { width, height }: Area): void {
  [width, 1, height, 1, 0, 1, 0, 1].forEach((value, i) => {
    bytes.writeUInt32BE(value, contentAt + 4 * i);
  });
}

/** Where the part is once the picture has been turned and mirrored by the properties that follow (`irot`, `imir`). */
function turned(bytes: Buffer, after: readonly Box[], part: Part, whole: Area): Part {
  let [it, area] = [part, whole];
  for (const { type, contentAt } of after) {
    if (type === 'irot') {
      for (let quarters = bytes.readUInt8(contentAt) & 3; quarters > 0; quarters -= 1) {
        it = { left: it.top, top: area.width - it.left - it.width, width: it.height, height: it.width };
        area = { width: area.height, height: area.width };
      }
    } else if (type === 'imir') {
      const sideways = (bytes.readUInt8(contentAt) & 1) === 1;
      it = sideways
        ? { ...it, left: area.width - it.left - it.width }
        : { ...it, top: area.height - it.top - it.height };
    }
  }
  return it;
}
