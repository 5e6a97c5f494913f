/**
 * How a large JPEG is shrunk.
 * - `faithful`: as like the original as a careful resampling makes it; small codes and print stay readable;
 * - `fast`: halved while it is decoded, for two thirds of the time: for questions that small things do not decide.
 */
export const PREPARATIONS = ['faithful', 'fast'] as const;

export type Preparation = (typeof PREPARATIONS)[number];

/** A picture of 2048 pixels has 300 to 600 KB at the quality that nobody complains of. */
export const DEFAULT_MAX_BYTES = 400_000;
/** Less than this leaves a picture of the smallest size at its lowest quality behind. */
export const LEAST_MAX_BYTES = 20_000;
