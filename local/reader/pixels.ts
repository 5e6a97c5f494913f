import sharp, { type Sharp } from 'sharp';
import { UnreadableImageError } from './errors.ts';
import type { Size, Turned } from './place.ts';

/** Uncompressed pixels, row by row, upright. */
export interface Pixels {
  data: Buffer;
  width: number;
  height: number;
  channels: 1 | 3 | 4;
}

interface DecodedImage extends Pixels {
  /** Upright size of the whole picture; `width` and `height` are what was kept of it. */
  originalWidth: number;
  originalHeight: number;
}

/** 24 barcodes of 30 in one picture are read at 2048 px, 28 at 3072; beyond, only memory grows. */
const MAX_SIDE = 3072;
const MAX_PIXELS = 100_000_000;
const WHITE = '#ffffff';

/**
 * One decode: upright, opaque on white, sRGB, long side at most 3072, no more than `maxPixels`.
 * @throws UnreadableImageError
 */
export async function decode(image: Buffer, maxPixels = MAX_PIXELS): Promise<DecodedImage> {
  try {
    const source = sharp(image, { limitInputPixels: MAX_PIXELS });
    const { autoOrient } = await source.metadata();
    const side = Math.min(MAX_SIDE, sideWithin(autoOrient, maxPixels));
    const { data, info } = await source
      .autoOrient()
      .resize(side, side, { fit: 'inside', withoutEnlargement: true })
      .flatten({ background: WHITE })
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`Expected 3 channels, found ${info.channels}.`);
    return {
      data,
      width: info.width,
      height: info.height,
      channels: 3,
      originalWidth: autoOrient.width,
      originalHeight: autoOrient.height,
    };
  } catch (error) {
    throw new UnreadableImageError(error);
  }
}

/** The long side at which a picture of this shape has this many pixels. */
const sideWithin = ({ width, height }: Size, pixels: number): number =>
  Math.max(1, Math.floor(Math.max(width, height) * Math.sqrt(pixels / (width * height))));

export const open = ({ data, width, height, channels }: Pixels) =>
  sharp(data, { raw: { width, height, channels } });

/** Turned by `degrees` clockwise, long side at most `maxSide` before the turn; `size` is that before the turn. */
export function openTurned(pixels: Pixels, degrees: number, maxSide: number): { picture: Sharp; size: Size } {
  const ratio = Math.min(1, maxSide / Math.max(pixels.width, pixels.height));
  return {
    picture: open(pixels)
      .resize(maxSide, maxSide, { fit: 'inside', withoutEnlargement: true })
      .rotate(degrees, { background: WHITE }),
    size: { width: pixels.width * ratio, height: pixels.height * ratio },
  };
}

/** Gray PNG for text recognition, turned as `openTurned` turns. */
export async function grayPng(
  pixels: Pixels,
  degrees: number,
  maxSide: number,
): Promise<{ png: Buffer; turned: Turned }> {
  const { picture, size } = openTurned(pixels, degrees, maxSide);
  const { data, info } = await picture
    .grayscale()
    .png({ compressionLevel: 1 })
    .toBuffer({ resolveWithObject: true });
  return { png: data, turned: { ...size, degrees, canvas: info } };
}
