/**
 * What libjpeg warns about although every pixel is there: bytes before a marker (phones pad their scans), header fields
 * it does not know, a broken profile. Real damage warns differently ("premature end of data segment", "bad Huffman
 * code", "found marker .. instead of RST"). libjpeg reports the first warning of a picture only.
 */
const HARMLESS = [
  /extraneous bytes before marker/,
  /Unknown Adobe color transform code/,
  /unknown JFIF revision/,
  /Invalid SOS parameters/,
  /bad ICC marker/,
];

/** How strictly libvips reads: `warning` refuses damaged data inside a picture, `error` only what cannot be read on. */
export type Strictness = 'warning' | 'error';

/** Whether the decoder stopped for a warning that says nothing about the pixels. */
export const isHarmlessWarning = (error: unknown): boolean =>
  error instanceof Error && HARMLESS.some((pattern) => pattern.test(error.message));
