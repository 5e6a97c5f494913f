import type { Preparation } from '../../../shared/profiles/preparation.ts';
import type { Declared } from './inspect.ts';
import { memoryFile } from './memory-file.ts';

/** What libjpeg can divide both sides by while it decodes, at a fraction of the work. */
const FACTORS = [8, 4, 2] as const;

/**
 * Two resamplings close together blur: of a JPEG that was halved while loading, at least this factor must be left to
 * resample, or its likeness falls up to 0.006 (SSIM) below that of the whole decode; from here on up to 0.0016.
 */
const LEAST_REST = 1.35;

/**
 * Fast: a photo of 4032 pixels decoded at half its size has 2016 of the 2048 that are allowed: 1.6 % less for two
 * thirds of the time. Up to this share of the longest side may be missing.
 */
const MISSING_SHARE = 1 / 32;

/**
 * By how much a JPEG shrinks while it is decoded; 1 is not at all. What is still too large is resampled as usual.
 *
 * libvips drops the column and the row that the factor leaves over. Faithful pictures are not shrunk then: what is left
 * would be drawn out to the whole width and drift by up to a quarter of a pixel. Fast ones are cropped by it.
 */
export function shrinkOf(
  { format, width, height }: Declared,
  { maxSide, preparation }: { maxSide: number; preparation: Preparation },
): number {
  if (format !== 'jpeg') return 1;
  const [short, long] = width < height ? [width, height] : [height, width];
  const divides = (factor: number) => width % factor === 0 && height % factor === 0;
  const found =
    preparation === 'faithful'
      ? FACTORS.find((factor) => long / factor >= maxSide * LEAST_REST && divides(factor))
      : // A side of less than one pixel is an error to libvips.
        FACTORS.find((factor) => long / factor >= maxSide * (1 - MISSING_SHARE) && short >= factor);
  return found ?? 1;
}

interface Size {
  width: number;
  height: number;
}

/** What libvips has after loading with this factor. */
export const loadedSize = ({ width, height }: Size, shrink: number): Size => ({
  width: Math.floor(width / shrink),
  height: Math.floor(height / shrink),
});

/** Rounded sides of which the longest is at most `maxSide`; never enlarged. */
export function fittedSize({ width, height }: Size, maxSide: number): Size {
  const scale = Math.min(1, maxSide / Math.max(width, height));
  const fitted = (side: number) => Math.max(1, Math.round(side * scale));
  return { width: fitted(width), height: fitted(height) };
}

/** What the decoder opens; `close` gives back what that took. */
interface Loadable {
  source: Buffer | string;
  /** By how much it will come out smaller. */
  shrink: number;
  close(): Promise<void>;
}

/**
 * Sharp shrinks while loading by a rule of its own and can be overruled only through a file: libvips takes options
 * in brackets behind its name (https://www.libvips.org/API/current/ctor.Image.new_from_file.html). Nothing goes to a
 * disk for that; where there is no file in memory, the picture is decoded whole. `revalidate`: the path of the next
 * picture may be the same, and nothing kept under it may be taken for that.
 */
export async function loadable(bytes: Buffer, shrink: number): Promise<Loadable> {
  const file = shrink === 1 ? undefined : await memoryFile(bytes);
  if (!file) return { source: bytes, shrink: 1, close: async () => undefined };
  return { source: `${file.path}[shrink=${shrink},revalidate=true]`, shrink, close: () => file.close() };
}
