import type { Declared } from './inspect.ts';
import { memoryFile } from './memory-file.ts';

/** What libjpeg can divide both sides by while it decodes, at a fraction of the work. */
const FACTORS = [8, 4, 2] as const;

/**
 * A photo of 4032 pixels decoded at half its size has 2016 of the 2048 that are allowed: 1.6 % less for two thirds of
 * the time. Up to this share of the longest side may be missing.
 */
const MISSING_SHARE = 1 / 32;

/** By how much a JPEG shrinks while it is decoded; 1 is not at all. What is still too large is resampled as ever. */
export function shrinkOf({ format, width, height }: Declared, maxSide: number): number {
  if (format !== 'jpeg') return 1;
  const least = maxSide * (1 - MISSING_SHARE);
  const [short, long] = width < height ? [width, height] : [height, width];
  // A side of less than one pixel is an error to libvips.
  return FACTORS.find((factor) => long / factor >= least && short >= factor) ?? 1;
}

/** What the decoder opens; `close` gives back what that took. */
export interface Loadable {
  source: Buffer | string;
  close(): Promise<void>;
}

/**
 * Sharp shrinks while loading only from a factor of 3 on and can be told better only by a file: libvips takes options
 * in brackets behind its name (https://www.libvips.org/API/current/ctor.Image.new_from_file.html). Nothing goes to a
 * disk for that; where there is no file in memory, the picture is decoded whole, as sharp would. `revalidate`: the path
 * of the next picture may be the same, and nothing kept under it may be taken for that.
 */
export async function loadable(bytes: Buffer, shrink: number): Promise<Loadable> {
  const file = shrink === 1 ? undefined : await memoryFile(bytes);
  if (!file) return { source: bytes, close: async () => undefined };
  return { source: `${file.path}[shrink=${shrink},revalidate=true]`, close: () => file.close() };
}
