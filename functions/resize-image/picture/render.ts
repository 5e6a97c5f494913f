import type { Sharp } from 'sharp';
import type { Preparation } from '../../../shared/profiles/preparation.ts';
import { decodeFailure, isDamage } from './decode-failure.ts';
import { asJpeg, type Encoded, encodePixels } from './encode.ts';
import { sharp } from './engine.ts';
import type { Declared } from './inspect.ts';
import { isHarmlessWarning, type Strictness } from './jpeg-leniency.ts';
import { isFlat, predictedBytesPerPixel } from './predicted-size.ts';
import { fittedSize, loadable, loadedSize, shrinkOf } from './shrink-on-load.ts';
import { onlyNeededFields } from './tiff/needed-fields.ts';

export interface RenderOptions {
  /** Longest side of the result, in pixels. */
  maxSide: number;
  /** Pixels the decoder may meet, whatever the header said. */
  maxPixels: number;
  preparation: Preparation;
  /** JPEG quality, 1 to 100. */
  quality: number;
  /** A result of more bytes is encoded at a lower quality, but not below 70; absent: as it comes. */
  maxBytes: number | undefined;
  /** After this many milliseconds libvips itself stops (it counts in whole seconds). */
  timeLimitMs: number;
}

export interface Rendered extends Encoded {
  width: number;
  height: number;
}

/**
 * lanczos3 is what Pillow's script uses and what comes nearest to it: SSIM 0.0002 below in the median of 93 photos, with
 * lanczos2 0.0009. That one costs 5 % less CPU and writes 2 to 3 % fewer bytes.
 */
const KERNELS = { faithful: 'lanczos3', fast: 'lanczos2' } as const satisfies Record<Preparation, string>;

/** The pixels are not kept for a second encode when the predicted size is below this share of the target. */
const SURELY_WITHIN = 0.6;

/**
 * One decode, at most two encodes: an upright, opaque sRGB JPEG without metadata whose long side is at most `maxSide`.
 * @throws CORRUPT_IMAGE, TOO_MANY_PIXELS, RESIZE_TIMEOUT
 */
export async function render(bytes: Buffer, declared: Declared, options: RenderOptions): Promise<Rendered> {
  const loaded = await loadable(bytes, shrinkOf(declared, options));
  try {
    return await leniently(loaded, bytes, declared, options).catch((error: unknown) => {
      if (typeof loaded.source !== 'string' || !isUnopened(error)) throw error;
      return leniently({ source: bytes, shrink: 1 }, bytes, declared, options);
    });
  } catch (error) {
    throw decodeFailure(error, declared.format, options.timeLimitMs);
  } finally {
    await loaded.close();
  }
}

/**
 * What sharp says of a file that it could not open (no descriptor left, a path that its sandbox hides). The header of the
 * picture was read from memory before, so this is never about the picture.
 */
const isUnopened = (error: unknown): boolean =>
  error instanceof Error && /is missing|unsupported image format/.test(error.message);

interface Source {
  source: Buffer | string;
  shrink: number;
}

const leniently = (
  source: Source,
  bytes: Buffer,
  declared: Declared,
  options: RenderOptions,
): Promise<Rendered> => {
  const attempt = (failOn: Strictness, from = source) =>
    encoded(() => pixelsOf(from, declared, options, failOn), bytes, declared, options);
  return attempt('warning').catch((error: unknown) => {
    if (declared.format === 'jpeg' && isHarmlessWarning(error)) return attempt('error');
    const needed = declared.format === 'tiff' && isDamage(error) ? onlyNeededFields(bytes) : undefined;
    if (!needed) throw error;
    return attempt('warning', { source: needed, shrink: 1 });
  });
};

/**
 * Straight from the decoder to the encoder where the size is known well enough beforehand; else the pixels stay in between,
 * which costs 4 ms at 3 MP and spares a second decode.
 */
async function encoded(
  draw: () => Sharp,
  bytes: Buffer,
  declared: Declared,
  options: RenderOptions,
): Promise<Rendered> {
  const { maxSide, maxBytes = Number.POSITIVE_INFINITY, quality, timeLimitMs } = options;
  const predicted = declared.format === 'jpeg' ? predictedBytesPerPixel(bytes, declared, maxSide) : undefined;
  const ownTables = predicted === undefined ? undefined : isFlat(predicted);
  if (predicted !== undefined && ownTables !== undefined) {
    const { width, height } = fittedSize(declared, maxSide);
    if (predicted * width * height <= SURELY_WITHIN * maxBytes) {
      const { data, info } = await asJpeg(draw(), { quality, ownTables }).toBuffer({
        resolveWithObject: true,
      });
      if (data.length <= maxBytes) return { bytes: data, quality, width: info.width, height: info.height };
    }
  }
  const pixels = await draw().raw().toBuffer({ resolveWithObject: true });
  const { width, height } = pixels.info;
  const timeoutSeconds = wholeSeconds(timeLimitMs);
  const made = await encodePixels(pixels, { quality, maxBytes, ownTables, timeoutSeconds });
  return { ...made, width, height };
}

/** The picture as it will be encoded: decoded, shrunk, upright, opaque, sRGB. */
function pixelsOf(
  { source, shrink }: Source,
  declared: Declared,
  options: RenderOptions,
  failOn: Strictness,
): Sharp {
  const { maxSide, maxPixels, preparation, timeLimitMs } = options;
  const { color, hasAlpha, orientation, format } = declared;
  const loaded = loadedSize(declared, shrink);
  // Rounded sides instead of an exact ratio, as everybody else has them: the same pixel is in the same place.
  const { width, height } = fittedSize(loaded, maxSide);
  const lies = orientation >= 5;
  let pipeline = sharp(source, { failOn, limitInputPixels: maxPixels, ignoreIcc: color !== 'early' });
  // Sharp never shrinks while loading what is cropped, by its own rule, which knows nothing of odd sides. Said before
  // `autoOrient`, or it would turn the picture while it is large.
  if (format === 'jpeg' && (preparation === 'faithful' || shrink > 1))
    pipeline = pipeline.extract({ left: 0, top: 0, ...loaded });
  pipeline = pipeline.autoOrient().resize({
    width: lies ? height : width,
    height: lies ? width : height,
    fit: 'fill',
    kernel: KERNELS[preparation],
    fastShrinkOnLoad: preparation === 'fast',
  });
  if (hasAlpha) pipeline = pipeline.flatten({ background: 'white' });
  // A profile ignored while loading stays with the picture: naming the output profile converts from it, after shrinking.
  if (color === 'late') pipeline = pipeline.withIccProfile('srgb', { attach: false });
  return pipeline.timeout({ seconds: wholeSeconds(timeLimitMs) });
}

const wholeSeconds = (milliseconds: number): number => Math.min(3600, Math.ceil(milliseconds / 1000));
