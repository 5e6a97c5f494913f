import sharp, { type OverlayOptions } from 'sharp';
import { seededRandom } from '../../shared/base/seeded-random.ts';
import { barcodeSvg } from '../../test/support/barcode.ts';
import { grain, PHONE_QUALITY } from '../photo.ts';

/** What is right about a generated shelf, in the form of the profile `inventory`. */
export interface ShelfAnswer extends Record<string, unknown> {
  shelfId: string | null;
  items: { sku: string; quantity: number; condition: 'new' | 'damaged' }[];
}

/** The same shelf for the same number: 2 to 9 articles, one in six without a readable name, one article in eight damaged. */
export function shelfAnswer(seed: number): ShelfAnswer {
  const random = seededRandom(seed * 7_919 + 1);
  const upTo = (most: number): number => Math.floor(random() * most);
  const letters = 'ABCDEFHKLMNPRTX';
  const count = 2 + upTo(8);
  const codes = new Set<string>();
  while (codes.size < count)
    codes.add(`${letters[upTo(letters.length)]}${letters[upTo(letters.length)]}-${10_000 + upTo(89_999)}`);
  return {
    shelfId: upTo(6) === 0 ? null : `${letters[upTo(8)]}-${1 + upTo(60)}`,
    items: [...codes].map((sku) => ({
      sku,
      quantity: 1 + upTo(96),
      condition: upTo(8) === 0 ? 'damaged' : 'new',
    })),
  };
}

const WIDTH = 2400;
const HEIGHT = 1800;
const MARGIN = 60;
/** Pixels; at a third of the size hardly anyone reads it. */
const SMALLEST_PRINT = 30;

/** Labels on a shelf: print of four sizes, a bar code at every third label, grain over all. */
export async function drawShelf(seed: number): Promise<{ picture: Buffer; answer: ShelfAnswer }> {
  const answer = shelfAnswer(seed);
  const { items, shelfId } = answer;
  const row = (HEIGHT - MARGIN) / (items.length + 1);
  const size = Math.min(row * 0.5, SMALLEST_PRINT + 14 * (seed % 4));
  const labels = items.map(({ sku, quantity, condition }, i) => {
    const top = MARGIN + (i + 1) * row;
    const text = `SKU: ${sku}   QTY: ${quantity}${condition === 'damaged' ? '   DAMAGED' : ''}`;
    return `<rect x="${MARGIN}" y="${top}" width="1720" height="${row * 0.82}" fill="#fdfdfa"/><text x="${MARGIN + 40}" y="${top + row * 0.5}" font-size="${size}">${text}</text>`;
  });
  const title =
    shelfId === null
      ? ''
      : `<text x="${MARGIN + 40}" y="${MARGIN + row * 0.6}" font-size="${size * 1.1}">SHELF: ${shelfId}</text>`;
  const scene = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="DejaVu Sans, sans-serif"><rect width="100%" height="100%" fill="#f1eee7"/><rect x="${MARGIN}" y="${MARGIN}" width="1000" height="${row * 0.82}" fill="#fdfdfa"/>${title}${labels.join('')}</svg>`;
  const codes = await Promise.all(
    items.flatMap(({ sku }, i) =>
      i % 3 === 0 ? [barcode(sku, Math.round(row * 0.72), Math.round(MARGIN + (i + 1) * row))] : [],
    ),
  );
  const picture = await sharp(Buffer.from(scene))
    .composite([...codes, { input: await grain(seed), tile: true, blend: 'soft-light' }])
    .removeAlpha()
    .jpeg({ quality: PHONE_QUALITY })
    .toBuffer();
  return { picture, answer };
}

async function barcode(text: string, height: number, top: number): Promise<OverlayOptions> {
  const svg = await barcodeSvg(text, { format: 'Code128', scale: 3 });
  const input = await sharp(Buffer.from(svg))
    .resize(480, height, { fit: 'contain', background: '#fff' })
    .png()
    .toBuffer();
  return { input, left: 1860, top };
}
