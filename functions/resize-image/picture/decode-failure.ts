import { PipelineError } from '../../../shared/base/errors/pipeline-error.ts';
import { FORMAT_NAMES, type Format } from './format.ts';

export const tooManyPixels = (width: number, height: number, maxPixels: number): PipelineError =>
  new PipelineError(
    'TOO_MANY_PIXELS',
    `The picture is ${width} x ${height} = ${megapixels(width * height)} megapixels; at most ${megapixels(maxPixels)} are accepted.`,
  );

/** A drawing that takes too long will take as long again; a photo may only have met a busy machine. */
export const tooSlow = (format: Format, limitMs: number, cause?: unknown): PipelineError =>
  format === 'svg'
    ? new PipelineError('TOO_COMPLEX', `The SVG picture takes longer than ${limitMs / 1000} s to draw.`, {
        cause,
      })
    : new PipelineError('RESIZE_TIMEOUT', `Preparing the picture took longer than ${limitMs / 1000} s.`, {
        cause,
      });

export const corrupt = (format: Format, cause?: unknown): PipelineError =>
  new PipelineError(
    'CORRUPT_IMAGE',
    `The ${FORMAT_NAMES[format]} picture is cut off or damaged; whole pictures are accepted.`,
    {
      cause,
    },
  );

const megapixels = (pixels: number): string => (pixels / 1e6).toFixed(1);

/** Out of memory is the machine's failure, not the picture's: refusing for good would lose a sound picture. */
const MEMORY = /out of memory|cannot allocate|unable to (m|c|re)alloc|insufficient memory/i;

const isOutOfMemory = (error: Error): boolean => MEMORY.test(error.message);
const isTimeout = (error: Error): boolean => /^timeout: /.test(error.message);
const isTooLarge = (error: Error): boolean => /exceeds pixel limit/.test(error.message);

/** Whether libvips objects to the bytes, not to their number of pixels, the time or the machine. */
export const isDamage = (error: unknown): boolean =>
  error instanceof Error &&
  error.name === 'Error' &&
  !(isOutOfMemory(error) || isTimeout(error) || isTooLarge(error));

/**
 * What libvips says, in the pipeline's words. Its messages are the only thing it gives; whatever is not a limit or
 * the machine's own failure means that the bytes could not be decoded.
 */
export function decodeFailure(error: unknown, format: Format, limitMs: number): unknown {
  if (error instanceof PipelineError || !(error instanceof Error)) return error;
  if (error.name === 'AbortError' || isOutOfMemory(error)) return error;
  if (isTimeout(error)) return tooSlow(format, limitMs, error);
  if (isTooLarge(error)) {
    return new PipelineError('TOO_MANY_PIXELS', 'The picture has more pixels than are accepted.', {
      cause: error,
    });
  }
  return corrupt(format, error);
}
