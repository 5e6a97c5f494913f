import { encodePixels } from '../encode.ts';
import { sharp } from '../engine.ts';
import { withoutLeadingComments } from './prolog.ts';

/** What the process is asked: one document and the limits of its rendering. Sides in pixels. */
export interface SvgOrder {
  bytes: Uint8Array;
  maxSide: number;
  maxPixels: number;
  quality: number;
  maxBytes: number | undefined;
}

export type SvgAnswer =
  | {
      kind: 'rendered';
      bytes: Uint8Array;
      quality: number;
      width: number;
      height: number;
      declared: { width: number; height: number };
    }
  | { kind: 'too-many-pixels'; width: number; height: number }
  | { kind: 'failed'; message: string };

/** Drawings scale without loss, and an icon of 24 pixels shows a model nothing: smaller ones are drawn this large. */
const MIN_SIDE = 1024;

process.once('message', async (order: SvgOrder) => {
  const answer = await draw(order).catch(
    (error: unknown): SvgAnswer => ({ kind: 'failed', message: String(error) }),
  );
  process.send?.(answer, () => process.disconnect());
});

async function draw({ bytes, maxSide, maxPixels, quality, maxBytes }: SvgOrder): Promise<SvgAnswer> {
  const svg = withoutLeadingComments(Buffer.from(bytes));
  const { width, height } = await sharp(svg, { limitInputPixels: false }).metadata();
  if (width * height > maxPixels) return { kind: 'too-many-pixels', width, height };
  const side = Math.min(maxSide, Math.max(MIN_SIDE, width, height));
  const pixels = await sharp(svg, { limitInputPixels: maxPixels })
    .resize({ width: side, height: side, fit: 'inside' })
    .flatten({ background: 'white' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const made = await encodePixels(pixels, {
    quality,
    maxBytes,
    // Nearly every drawing is flat.
    ownTables: true,
    // The waiting side ends the process.
    timeoutSeconds: 3600,
  });
  const drawn = { width: pixels.info.width, height: pixels.info.height };
  return { kind: 'rendered', ...made, ...drawn, declared: { width, height } };
}
