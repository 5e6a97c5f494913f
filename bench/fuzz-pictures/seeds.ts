import sharp, { type Sharp } from 'sharp';
import { GRAY_AVIF, GRAY_HEIC } from '../../test/support/tiny-gray.ts';
import { TINY_HEIC } from '../../test/support/tiny-heic.ts';

/** A sound picture that is made into unsound ones. */
export interface Seed {
  name: string;
  bytes: Buffer;
}

const [WIDTH, HEIGHT] = [160, 120];

/** A slope of colors with some noise, the same each time. */
function drawn(channels: 3 | 4 = 3): Sharp {
  const pixels = Buffer.alloc(WIDTH * HEIGHT * channels);
  pixels.forEach((_, i) => {
    const [x, y] = [Math.floor(i / channels) % WIDTH, Math.floor(i / channels / WIDTH)];
    pixels[i] = (x * (1 + (i % channels)) + y * 2 + (Math.imul(i, 2_654_435_761) >>> 28)) % 256;
  });
  return sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels } });
}

const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="48"><rect width="64" height="48" fill="#eee"/>
<path d="M4 4 60 44 4 44z" fill="#c33"/><text x="8" y="20" font-size="12">24</text></svg>`;

const MAKERS: Readonly<Record<string, () => Promise<Buffer> | Buffer>> = {
  'baseline JPEG': () => drawn().jpeg({ quality: 85 }).toBuffer(),
  'progressive JPEG': () => drawn().jpeg({ progressive: true }).toBuffer(),
  'turned JPEG with EXIF': () => drawn().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
  'Display P3 JPEG': () => drawn().withIccProfile('p3').jpeg().toBuffer(),
  'CMYK JPEG': () => drawn().toColourspace('cmyk').jpeg().toBuffer(),
  'gray JPEG': () => drawn().grayscale().jpeg().toBuffer(),
  PNG: () => drawn().png().toBuffer(),
  'interlaced PNG with alpha': () => drawn(4).png({ progressive: true }).toBuffer(),
  'palette PNG': () => drawn().png({ palette: true }).toBuffer(),
  '16-bit PNG': () => drawn().toColourspace('rgb16').png().toBuffer(),
  WebP: () => drawn().webp().toBuffer(),
  'lossless WebP with alpha': () => drawn(4).webp({ lossless: true, effort: 0 }).toBuffer(),
  GIF: () => drawn().gif({ effort: 1 }).toBuffer(),
  'animated GIF': () => animated('gif'),
  'animated WebP': () => animated('webp'),
  AVIF: () => drawn().avif({ effort: 0 }).toBuffer(),
  'AVIF with alpha': () => drawn(4).avif({ effort: 0 }).toBuffer(),
  'AVIF of 10 bits': () => drawn().toColourspace('rgb16').avif({ effort: 0, bitdepth: 10 }).toBuffer(),
  'gray AVIF': () => GRAY_AVIF,
  HEIC: () => TINY_HEIC,
  'gray HEIC': () => GRAY_HEIC,
  TIFF: () => drawn().tiff({ compression: 'none' }).toBuffer(),
  'LZW TIFF': () => drawn().tiff({ compression: 'lzw', predictor: 'horizontal' }).toBuffer(),
  'Deflate TIFF in tiles': () =>
    drawn().tiff({ compression: 'deflate', tile: true, tileWidth: 64, tileHeight: 64 }).toBuffer(),
  'JPEG TIFF': () => drawn().tiff({ compression: 'jpeg' }).toBuffer(),
  'BigTIFF with alpha': () => drawn(4).tiff({ compression: 'packbits', bigtiff: true }).toBuffer(),
  SVG: () => Buffer.from(svg),
};

/** One of each kind that decoders read differently, drawn here. */
export const makeSeeds = (): Promise<Seed[]> =>
  Promise.all(Object.entries(MAKERS).map(async ([name, make]) => ({ name, bytes: await make() })));

async function animated(format: 'gif' | 'webp'): Promise<Buffer> {
  const frames = [drawn(), drawn().negate(), drawn().grayscale()].map((frame) => frame.png().toBuffer());
  return sharp(await Promise.all(frames), { join: { animated: true } })
    .toFormat(format, { effort: 1 })
    .toBuffer();
}
