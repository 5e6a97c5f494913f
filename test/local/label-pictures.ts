import sharp from 'sharp';
import { escaped } from '../../shared/base/markup.ts';
import { type BarcodeFormat, barcodeSvg } from '../support/barcode.ts';

/** The labels that the tests read: print by an installed font (DejaVu), bars by the barcode library. */
const WIDTH = 1200;
const HEIGHT = 900;

export interface LabelOptions {
  lines: readonly string[];
  barcode?: { text: string; format: BarcodeFormat };
  /** Degrees clockwise. */
  turn?: number;
  fontSize?: number;
}

/** A white label on cardboard as a JPEG. */
export async function drawLabel({ lines, barcode, turn = 0, fontSize = 60 }: LabelOptions): Promise<Buffer> {
  const print = lines
    .map((line, index) => `<text x="240" y="${250 + index * fontSize * 1.6}">${escaped(line)}</text>`)
    .join('');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">
    <rect width="100%" height="100%" fill="#b08050"/><rect x="180" y="130" width="840" height="640" fill="#fff"/>
    <g font-family="DejaVu Sans" font-size="${fontSize}">${print}</g></svg>`;
  const overlays = barcode
    ? [{ input: await drawBarcode(barcode.text, barcode.format), left: 300, top: 500 }]
    : [];
  const flat = await sharp(Buffer.from(svg)).composite(overlays).png().toBuffer();
  return sharp(flat).rotate(turn, { background: '#808080' }).jpeg({ quality: 90 }).toBuffer();
}

export async function drawBarcode(text: string, format: BarcodeFormat): Promise<Buffer> {
  const svg = await barcodeSvg(text, { format, scale: 4 });
  return sharp(Buffer.from(svg)).resize(560, 240, { fit: 'contain', background: '#fff' }).png().toBuffer();
}

export const plainPicture = (color: string, width = 320, height = 240): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: color } })
    .jpeg()
    .toBuffer();
