import { decodeFailure } from '../decode-failure.ts';
import { sharp } from '../engine.ts';
import { rawTiff } from '../heic/raw-tiff.ts';
import type { Declared } from '../inspect.ts';
import type { RenderOptions } from '../render.ts';
import { fittedSize } from '../shrink-on-load.ts';

/**
 * An AVIF shrunk and upright, its coded values as they were, in a TIFF with the profile that converts them: sharp knows no other
 * way of giving pixels a profile. With 16 bits where the AVIF has more than 8, which HDR needs.
 * @throws CORRUPT_IMAGE, TOO_MANY_PIXELS, RESIZE_TIMEOUT
 */
export async function profiledAvif(
  avif: Buffer,
  declared: Declared,
  profile: Buffer,
  { maxSide, maxPixels, timeLimitMs }: RenderOptions,
): Promise<Buffer> {
  const { width, height } = fittedSize(declared, maxSide);
  const [across, down] = declared.orientation >= 5 ? [height, width] : [width, height];
  const depth = declared.isDeep ? 'ushort' : 'uchar';
  try {
    const { data, info } = await sharp(avif, { failOn: 'warning', limitInputPixels: maxPixels })
      .autoOrient()
      .resize({ width: across, height: down, fit: 'fill' })
      .toColourspace(declared.isDeep ? 'rgb16' : 'srgb')
      .timeout({ seconds: Math.min(3600, Math.ceil(timeLimitMs / 1000)) })
      .raw({ depth })
      .toBuffer({ resolveWithObject: true });
    const samples = info.channels === 4 ? 4 : 3;
    const shape = {
      width: info.width,
      height: info.height,
      samples,
      sampleBytes: declared.isDeep ? 2 : 1,
    } as const;
    const { file, pixels } = rawTiff(shape, profile);
    pixels.set(data);
    return file;
  } catch (error) {
    throw decodeFailure(error, 'avif', timeLimitMs);
  }
}
