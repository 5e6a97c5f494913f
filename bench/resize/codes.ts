import sharp from 'sharp';
import { BarcodeReader } from '../../local/reader/barcodes.ts';
import { decode } from '../../local/reader/pixels.ts';
import { seededRandom } from '../../shared/base/seeded-random.ts';
import { DEFAULT_MAX_BYTES } from '../../shared/profiles/preparation.ts';
import { barcodeSvg } from '../../test/support/barcode.ts';
import { noiseTile, PHONE_QUALITY } from '../photo.ts';
import { atLeast, type BenchOptions, type Figure, figure } from '../report.ts';
import { LONG_SIDE, ours, targeted } from './contenders.ts';

/** Sizes of cameras and phones; the last two are halved while they are decoded, faithfully too. */
const SIZES = [
  [4032, 3024],
  [4224, 3168],
  [4608, 3456],
  [6000, 4000],
  [8064, 6048],
] as const;
const FORMATS = ['Code128', 'EAN13', 'QRCode'] as const;

/** Width of the narrowest bar in the prepared picture, in pixels: below the first hardly any is read, above the second all. */
const BARS = [0.9, 1.7] as const;
/** Photos of each size, and codes in each. */
const PHOTOS = 3;
const [COLUMNS, ROWS] = [6, 5] as const;

/** Codes read in prepared pictures against those read after a whole decode; the codes are made hard to read on purpose. */
export async function codesRead({ short, progress }: BenchOptions): Promise<Figure[]> {
  const reader = new BarcodeReader();
  const read = { whole: 0, faithful: 0, fast: 0, targeted: 0 };
  let drawn = 0;
  try {
    for (const [width, height] of short ? SIZES.slice(0, 1) : SIZES) {
      for (let seed = 1; seed <= (short ? 1 : PHOTOS); seed += 1) {
        const photo = await codePhoto(width, height, seed);
        drawn += COLUMNS * ROWS;
        read.whole += await count(reader, await wholeDecode(photo));
        for (const preparation of ['faithful', 'fast'] as const)
          read[preparation] += await count(reader, (await ours(photo, preparation)).bytes);
        read.targeted += await count(reader, (await targeted(photo, DEFAULT_MAX_BYTES)).bytes);
      }
      progress(
        `codes, ${width} x ${height}: whole ${read.whole}, faithful ${read.faithful}, fast ${read.fast} so far`,
      );
    }
  } finally {
    await reader.close();
  }
  return [
    figure(`codes read after a whole decode, of ${drawn} hard ones`, read.whole, 'codes'),
    atLeast('codes read, faithful, of the whole decode’s', read.faithful / read.whole, 0.98, 'x'),
    figure('codes read, fast, of the whole decode’s', read.fast / read.whole, 'x'),
    figure('codes read, faithful within 400 KB, of the whole decode’s', read.targeted / read.whole, 'x'),
  ];
}

const count = async (reader: BarcodeReader, picture: Buffer): Promise<number> =>
  (await reader.read(await decode(picture))).length;

/** What a careful resampling makes of every pixel; cropping to the whole keeps sharp from shrinking while it loads. */
async function wholeDecode(photo: Buffer): Promise<Buffer> {
  const { width, height } = await sharp(photo).metadata();
  const scale = LONG_SIDE / Math.max(width, height);
  return sharp(photo)
    .extract({ left: 0, top: 0, width, height })
    .resize({ width: Math.round(width * scale), height: Math.round(height * scale), fit: 'fill' })
    .jpeg({ quality: 85, chromaSubsampling: '4:2:0' })
    .toBuffer();
}

/** A photo of labels on a board: each code of its own size and turn, sensor noise and sharpening over all. */
async function codePhoto(width: number, height: number, seed: number): Promise<Buffer> {
  const random = seededRandom(width * 100 + seed);
  const [cellWidth, cellHeight] = [width / COLUMNS, height / ROWS];
  const labels = [];
  for (let i = 0; i < COLUMNS * ROWS; i += 1) {
    const bar = (BARS[0] + (BARS[1] - BARS[0]) * random()) * (width / LONG_SIDE);
    const input = await label(i, seed, bar, (random() - 0.5) * 16, cellWidth * 0.94, cellHeight * 0.94);
    labels.push({
      input,
      left: Math.round((i % COLUMNS) * cellWidth + cellWidth * 0.03 * random()),
      top: Math.round(Math.floor(i / COLUMNS) * cellHeight + cellHeight * 0.03 * random()),
    });
  }
  const board = { create: { width, height, channels: 3 as const, background: '#b8a48a' } };
  const { data, info } = await sharp(board)
    .composite([...labels, { input: await noiseTile(seed, 0.05, 1.6), tile: true, blend: 'soft-light' }])
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  // The lens first, then what the camera does against it.
  return sharp(data, { raw: info })
    .blur(0.9)
    .sharpen({ sigma: 1.2 })
    .jpeg({ quality: PHONE_QUALITY })
    .toBuffer();
}

async function label(
  number: number,
  seed: number,
  bar: number,
  degrees: number,
  maxWidth: number,
  maxHeight: number,
): Promise<Buffer> {
  const format = FORMATS[number % FORMATS.length] ?? 'Code128';
  const digits = String(seed * 1_000_003 + number * 7_919).padStart(12, '4');
  const text = format === 'EAN13' ? digits.slice(-12) : `S${digits.slice(-8)}`;
  const svg = await barcodeSvg(text, { format, scale: 1, addQuietZones: true });
  // One unit of the drawing is one bar; drawn large and then shrunk, so that its edges lie between pixels.
  const code = sharp(Buffer.from(svg), { density: 72 * 8 });
  const { width, height } = await code.metadata();
  const scale = Math.min(bar / 8, maxWidth / width, maxHeight / height);
  const turned = await code
    .resize({
      width: Math.max(1, Math.round(width * scale)),
      height: Math.max(1, Math.round(height * scale)),
      fit: 'fill',
    })
    .flatten({ background: 'white' })
    .png()
    .toBuffer();
  return sharp(turned)
    .rotate(degrees, { background: '#b8a48a' })
    .resize({
      width: Math.floor(maxWidth),
      height: Math.floor(maxHeight),
      fit: 'inside',
      withoutEnlargement: true,
    })
    .png()
    .toBuffer();
}
