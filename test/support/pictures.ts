import { crc32 } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { escaped } from '../../shared/base/markup.ts';

/** Formats that sharp can write; HEIC is in `tiny-heic.ts`. */
export type WritableFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif' | 'tiff';

export interface PhotoOptions {
  width?: number;
  height?: number;
  /** JPEG quality, 1 to 100. */
  quality?: number;
  progressive?: boolean;
}

/** Markers that must not survive: every text that `withMetadata` writes into a file. */
export const METADATA_MARKERS = [
  'SECRET-CAMERA',
  'SECRET-OWNER',
  'SECRET-XMP',
  'SECRET-COMMENT',
  'Exif\0',
  'http://ns.adobe.com/xap',
];

/** A smooth gradient with fine noise on it: compresses like a photo and is the same every time. Untouched by metadata. */
export const photo = ({
  width = 640,
  height = 480,
  quality = 90,
  progressive = false,
}: PhotoOptions = {}): Promise<Buffer> =>
  photoPixels(width, height).jpeg({ quality, progressive }).toBuffer();

/** The photo as a sharp pipeline, to be written in any format. */
export function photoPixels(width: number, height: number): Sharp {
  const pixels = Buffer.alloc(width * height * 3);
  let random = 1;
  for (let i = 0; i < pixels.length; i += 3) {
    const x = (i / 3) % width;
    const y = Math.floor(i / 3 / width);
    random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
    const noise = (random >>> 16) % 24;
    pixels[i] = (x / width) * 230 + noise;
    pixels[i + 1] = (y / height) * 230 + noise;
    pixels[i + 2] = 128 + 100 * Math.sin((x + y) / 60) + noise;
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** Four fields: red, green above blue, yellow. No turn or mirroring of it looks like another. */
export const corners = (width = 120, height = 80): Sharp =>
  sharp(
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 2 2" preserveAspectRatio="none">
<path fill="#e00000" d="M0 0h1v1H0z"/><path fill="#00b000" d="M1 0h1v1H1z"/><path fill="#0000e0" d="M0 1h1v1H0z"/><path fill="#e0e000" d="M1 1h1v1H1z"/></svg>`),
  ).flatten({ background: 'white' });

/** How to store an upright picture for each EXIF orientation; sharp mirrors before it turns. */
const STORED_AS: Record<number, (upright: Sharp) => Sharp> = {
  1: (it) => it,
  2: (it) => it.flop(),
  3: (it) => it.rotate(180),
  4: (it) => it.flip(),
  5: (it) => it.rotate(90).flip(),
  6: (it) => it.rotate(270),
  7: (it) => it.rotate(270).flip(),
  8: (it) => it.rotate(90),
};

/** The upright picture, stored turned and with the EXIF orientation that says so. */
export async function oriented(
  upright: Sharp,
  orientation: number,
  format: WritableFormat = 'jpeg',
): Promise<Buffer> {
  const store = STORED_AS[orientation];
  if (!store) throw new RangeError(`no EXIF orientation ${orientation}`);
  const pixels = await upright.png().toBuffer();
  const stored = await store(sharp(pixels)).png().toBuffer();
  return sharp(stored).withMetadata({ orientation }).toFormat(format, { quality: 95 }).toBuffer();
}

/** A JPEG with camera, owner, GPS position, XMP, comment and orientation; the coded pixels stay as they were. */
export async function withMetadata(jpeg: Buffer, { orientation = 1 } = {}): Promise<Buffer> {
  const exifCarrier = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'black' } })
    .withMetadata({ orientation })
    .withExifMerge({
      IFD0: { Make: 'SECRET-CAMERA', Artist: 'SECRET-OWNER' },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '52/1 31/1 12/1',
        GPSLongitudeRef: 'E',
        GPSLongitude: '13/1 24/1 36/1',
      },
    })
    .jpeg()
    .toBuffer();
  const { exif } = await sharp(exifCarrier).metadata();
  const xmp = Buffer.from('http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>SECRET-XMP</x:xmpmeta>');
  const segments = [
    segment(0xe1, exif ?? Buffer.alloc(0)),
    segment(0xe1, xmp),
    segment(0xfe, Buffer.from('SECRET-COMMENT')),
  ];
  return insertSegments(jpeg, segments);
}

/** Puts segments right after the start of a JPEG. */
export const insertSegments = (jpeg: Buffer, segments: Buffer[]): Buffer =>
  Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);

/** One JPEG segment: marker, length, content. */
export function segment(marker: number, content: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([head, content]);
}

/** The same picture with its numbers in Display P3 and that profile attached, as phones write it. */
export const displayP3 = (picture: Sharp): Sharp => picture.withIccProfile('p3');

/** A shelf label: black text on white, about 90 % of the width. Needs any font (Debian: fonts-dejavu-core). */
export const label = (lines: string[], width = 800): Promise<Buffer> => {
  const size = Math.floor((width * 1.5) / Math.max(8, ...lines.map((line) => line.length)));
  const text = lines.map(
    (line, i) => `<text x="${width / 20}" y="${(i + 1) * size * 1.4}">${escaped(line)}</text>`,
  );
  const height = Math.ceil((lines.length + 0.6) * size * 1.4);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="DejaVu Sans, sans-serif" font-size="${size}">${text.join('')}</svg>`;
  return sharp(Buffer.from(svg)).flatten({ background: 'white' }).jpeg({ quality: 92 }).toBuffer();
};

/** The first `share` (0 to 1) of a file, as an interrupted upload leaves it. */
export const truncated = (bytes: Buffer, share: number): Buffer =>
  bytes.subarray(0, Math.floor(bytes.length * share));

/** A PNG of a few bytes whose header claims any size. */
export function pngBomb(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', Buffer.from('789c0300', 'hex')),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

function pngChunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(content.length, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}

/** 8-bit RGB samples of any picture, as stored (not turned). */
export const rgbOf = (bytes: Buffer): Promise<Buffer> =>
  sharp(bytes).toColourspace('srgb').removeAlpha().raw().toBuffer();

/** Mean absolute difference of samples, 0 to 255; infinite if the sizes differ. */
export function meanDifference(a: Buffer, b: Buffer): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += Math.abs((a[i] ?? 0) - (b[i] ?? 0));
  return sum / a.length;
}

/** The color at a place given as shares of width and height, e.g. `[0.25, 0.25]`: the middle of the upper left field. */
export async function colorAt(bytes: Buffer, [x, y]: [number, number]): Promise<[number, number, number]> {
  const { data, info } = await sharp(bytes)
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const at = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * 3;
  return [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
}
