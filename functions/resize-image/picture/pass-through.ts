import { sharp } from './engine.ts';
import type { Declared } from './inspect.ts';
import type { JpegFrame } from './jpeg/frame.ts';
import { stripJpeg } from './jpeg/strip-jpeg.ts';
import { isHarmlessWarning } from './jpeg-leniency.ts';
import type { RenderOptions } from './render.ts';

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
