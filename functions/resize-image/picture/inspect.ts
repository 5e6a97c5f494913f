import { corrupt, tooManyPixels } from './decode-failure.ts';
import { sharp } from './engine.ts';
import { isSrgb, profileSpace } from './icc.ts';
import type { Format } from './sniff.ts';

/** What the header of a picture declares, before a pixel is decoded. */
export interface Declared {
  format: Format;
  /** Pixels as stored, before any EXIF rotation. */
  width: number;
  height: number;
  /** EXIF orientation, 1 (upright) to 8. */
  orientation: number;
  progressive: boolean;
  hasAlpha: boolean;
  /** More than 8 bits a sample. */
  isDeep: boolean;
  color: ColorPlan;
}

/**
 * How the picture becomes sRGB.
 * - `none`: its numbers are sRGB already (or gray, which every space shares), a profile may be dropped;
 * - `late`: the profile is applied after shrinking, at a third of the cost;
 * - `early`: libvips converts while loading: CMYK and gray pictures with a profile, which it cannot convert later.
 */
type ColorPlan = 'none' | 'late' | 'early';

/**
 * Reads the header only (about 0.1 ms).
 * @throws TOO_MANY_PIXELS when more are declared than `maxPixels`, CORRUPT_IMAGE when the header cannot be read.
 */
export async function inspect(bytes: Buffer, format: Format, maxPixels: number): Promise<Declared> {
  // No limit here, so that the refusal can name the size; nothing is decoded for a header.
  const header = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch((error: unknown) => {
      throw corrupt(format, error);
    });
  const { width, height } = header;
  if (width * height > maxPixels) throw tooManyPixels(width, height, maxPixels);
  return {
    format,
    width,
    height,
    orientation: header.orientation ?? 1,
    progressive: header.isProgressive ?? false,
    hasAlpha: header.hasAlpha,
    isDeep: header.depth !== 'uchar',
    color: planColor(header),
  };
}

function planColor({ icc, space }: { icc?: Buffer | undefined; space: string }): ColorPlan {
  if (space === 'cmyk') return 'early';
  if (!icc) return 'none';
  if (profileSpace(icc) !== 'RGB') return 'early';
  return isSrgb(icc) ? 'none' : 'late';
}
