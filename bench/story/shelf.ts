import sharp from 'sharp';
import { normalize } from '../../functions/resize-image/picture/normalize.ts';
import { BarcodeReader } from '../../local/reader/barcodes.ts';
import { decode } from '../../local/reader/pixels.ts';
import { wantedPicture } from '../../shared/profiles/index.ts';
import { barcodeSvg } from '../../test/support/barcode.ts';
import { grain, PHONE_QUALITY } from '../photo.ts';
import type { Picture } from './ask.ts';

const WIDTH = 4032;
const HEIGHT = 3024;

/** A 12 MP photo of a shelf with `side` x `side` labels, each with a barcode, sensor noise over all. */
async function shelf(seed: number, side: number): Promise<Buffer> {
  const [cellWidth, cellHeight] = [WIDTH / side, HEIGHT / side];
  const labels = await Promise.all(
    Array.from({ length: side * side }, async (_, i) => ({
      input: await label(`SKU-${seed}${String(i).padStart(3, '0')}-${(i * 7919 + seed) % 10_000}`, cellWidth),
      left: Math.round((i % side) * cellWidth + cellWidth * 0.14),
      top: Math.round(Math.floor(i / side) * cellHeight + cellHeight * 0.3),
    })),
  );
  const boards = Array.from(
    { length: side },
    (_, row) =>
      `<rect y="${(row + 0.92) * cellHeight}" width="100%" height="${cellHeight * 0.08}" fill="#6b4a2b"/>`,
  );
  const scene = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}"><defs><linearGradient id="g" x2="1" y2="1"><stop stop-color="#c9a26b"/><stop offset="1" stop-color="#5b6b7a"/></linearGradient></defs><rect width="100%" height="100%" fill="url(#g)"/>${boards.join('')}</svg>`;
  return sharp(Buffer.from(scene))
    .composite([...labels, { input: await grain(seed), tile: true, blend: 'soft-light' }])
    .removeAlpha()
    .jpeg({ quality: PHONE_QUALITY })
    .toBuffer();
}

async function label(text: string, cellWidth: number): Promise<Buffer> {
  const svg = await barcodeSvg(text, { format: 'Code128', scale: 4 });
  const [width, height] = [Math.round(cellWidth * 0.72), Math.round(cellWidth * 0.28)];
  return sharp(Buffer.from(svg))
    .resize(width, height, { fit: 'contain', background: '#fff' })
    .extend({ top: 20, bottom: 20, left: 20, right: 20, background: '#fff' })
    .png()
    .toBuffer();
}

interface PicturedSet {
  pictures: Picture[];
  /** Codes that the local reader reads in the originals, and those of them that it still reads in the prepared ones. */
  readInOriginals: number;
  stillRead: number;
}

/** Draws the pictures, prepares them as resize-image does and reads both. */
export async function drawSet(count: number, progress: (line: string) => void): Promise<PicturedSet> {
  const reader = new BarcodeReader();
  const set: PicturedSet = { pictures: [], readInOriginals: 0, stillRead: 0 };
  for (let i = 0; i < count; i += 1) {
    const original = await shelf(i + 1, 2 + (i % 3));
    const prepared = await normalize(original, {
      ...wantedPicture({ maxSide: 2048 }),
      maxPixels: 100_000_000,
    });
    const before = await codesIn(reader, original);
    const after = new Set(await codesIn(reader, prepared.bytes));
    set.readInOriginals += before.length;
    set.stillRead += before.filter((code) => after.has(code)).length;
    const { width, height, bytes } = prepared;
    set.pictures.push({ originalBytes: original.length, preparedBytes: bytes.length, width, height });
    progress(
      `picture ${i + 1}: ${(original.length / 1e6).toFixed(1)} MB, ${Math.round(bytes.length / 1000)} KB, ${before.length} codes, ${after.size} of them prepared`,
    );
  }
  await reader.close();
  return set;
}

const codesIn = async (reader: BarcodeReader, picture: Buffer): Promise<string[]> =>
  (await reader.read(await decode(picture))).map(({ text }) => text);
