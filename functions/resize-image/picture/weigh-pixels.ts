import type { Declared } from './inspect.ts';

/** Memory of a decoder, as a multiple of what a baseline JPEG of the same size takes. */
const PROGRESSIVE_WEIGHT = 4;

/** Pixels as the gate counts them: decoders that hold the whole picture weigh more than those that stream it. */
export const weighPixels = ({ width, height, progressive }: Declared): number =>
  width * height * (progressive ? PROGRESSIVE_WEIGHT : 1);
