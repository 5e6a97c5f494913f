import { createHash } from 'node:crypto';
import { DeadlineExceeded, withDeadline } from '../../../shared/base/resilience/deadline.ts';
import type { Preparation } from '../../../shared/profiles/preparation.ts';
import { tooSlow } from './decode-failure.ts';
import type { Format } from './format.ts';
import { sniff } from './inspect.ts';
import type { PixelGate } from './pixel-gate.ts';
import { type PreparedPixels, recipeFor } from './recipe.ts';

export interface NormalizeOptions {
  /** Longest side of the result in pixels; a picture is never enlarged to it. */
  maxSide: number;
  /** Most pixels a file may declare; more are refused before anything is decoded. */
  maxPixels: number;
  /** How large JPEGs are shrunk; `faithful` when absent. */
  preparation?: Preparation;
  /** JPEG quality of the result, 1 to 100. */
  quality?: number;
  /** A result of more bytes is encoded at a lower quality, but not below 70; absent: as it comes. */
  maxBytes?: number;
  /** Ends waiting at the gate and the work, with the signal's reason. */
  signal?: AbortSignal;
  /** Time for decoding, shrinking and encoding, in milliseconds; waiting at the gate does not count. */
  timeLimitMs?: number;
  /** Bounds the pixels being decoded at once; without it pictures are decoded as they come. */
  gate?: PixelGate;
}

export interface NormalizedPicture {
  /** JPEG, sRGB or gray, opaque, upright, without any metadata. */
  bytes: Buffer;
  width: number;
  height: number;
  /** SHA-256 of `bytes`, hex. */
  sha256: string;
  /** False when the coded data of the file was kept as it was; the next two are absent then. */
  reencoded: boolean;
  preparation?: Preparation;
  /** JPEG quality, 1 to 100. */
  quality?: number;
  /** As the file declares it: before EXIF turns it upright, but as turned by HEIC's and AVIF's own properties. */
  source: { format: Format; width: number; height: number };
}

const DEFAULT_QUALITY = 85;
const DEFAULT_TIME_LIMIT_MS = 30_000;

/**
 * Makes any accepted picture into the one form the model gets. Works on memory alone.
 * @throws PipelineError NOT_AN_IMAGE, UNSUPPORTED_FORMAT, TOO_MANY_PIXELS, CORRUPT_IMAGE TOO_COMPLEX (all final) or RESIZE_TIMEOUT.
 */
export async function normalize(input: Buffer, options: NormalizeOptions): Promise<NormalizedPicture> {
  const {
    maxSide,
    maxPixels,
    signal,
    gate,
    maxBytes,
    preparation = 'faithful',
    quality = DEFAULT_QUALITY,
    timeLimitMs = DEFAULT_TIME_LIMIT_MS,
  } = options;
  const recipe = await recipeFor(input, {
    maxSide,
    maxPixels,
    preparation,
    quality,
    maxBytes,
    timeLimitMs,
  });
  const leave = await gate?.enter(recipe.weight, signal);
  if (signal?.aborted) leave?.();
  // The gate is left when the work ends, not when the time limit does: until then the decoder holds its memory.
  const work = (inner: AbortSignal) => recipe.prepare(inner).finally(leave);
  return withHash(await withTimeLimit(sniff(input), timeLimitMs, signal, work));
}

async function withTimeLimit<T>(
  format: Format,
  limitMs: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await withDeadline(limitMs, signal, work);
  } catch (error) {
    throw error instanceof DeadlineExceeded ? tooSlow(format, limitMs, error) : error;
  }
}

const withHash = (prepared: PreparedPixels): NormalizedPicture => ({
  ...prepared,
  sha256: createHash('sha256').update(prepared.bytes).digest('hex'),
});
