import { createHash } from 'node:crypto';
import sharp from 'sharp';

/** Phones write at about this quality, and their noise is mostly smoothed away. */
export const PHONE_QUALITY = 95;
const PHONE_GRAIN = 6;

/**
 * A JPEG with the statistics of a phone's photo: smooth areas, edges, sensor noise in every pixel and high quality,
 * about 4.2 MB at 12 MP. The same seed gives the same bytes.
 */
export async function photo(width: number, height: number, seed = 1): Promise<Buffer> {
  return sharp(Buffer.from(scene(width, height, seed)))
    .composite([{ input: await grain(seed), tile: true, blend: 'soft-light' }])
    .removeAlpha()
    .jpeg({ quality: PHONE_QUALITY })
    .toBuffer();
}

/** A tile of noise, to be laid over a picture with `soft-light`; `softness` divides its contrast. */
export const grain = (seed: number, softness = PHONE_GRAIN): Promise<Buffer> =>
  sharp(pseudoNoise(seed, 512 * 512, softness), { raw: { width: 512, height: 512, channels: 1 } })
    .png({ compressionLevel: 0 })
    .toBuffer();

/** Entries of the first quantization table that a variant changes, in zigzag order: middle frequencies. */
const VARIED = [5, 6, 7, 8, 9, 10, 11, 12];

/**
 * A picture of its own that costs what the given JPEG does: its quantization table is bent a little, so that pixels
 * differ and no cache takes it for one it knows. 65,536 of them differ.
 */
export function variant(jpeg: Buffer, number: number): Buffer {
  const bytes = Buffer.from(jpeg);
  const table = bytes.indexOf(Buffer.from([0xff, 0xdb])) + 5;
  VARIED.forEach((entry, digit) => {
    const step = Math.floor(number / 4 ** digit) % 4;
    bytes[table + entry] = Math.min(255, (bytes[table + entry] ?? 1) + step);
  });
  return bytes;
}

function scene(width: number, height: number, seed: number): string {
  const shapes = Array.from({ length: 60 }, (_, i) => {
    const [a = 0, b = 0, c = 0, d = 0] = createHash('sha256').update(`${seed}/${i}`).digest();
    const x = (a / 255) * width;
    const y = (b / 255) * height;
    return `<ellipse cx="${x}" cy="${y}" rx="${(c / 255) * width * 0.15 + 20}" ry="${(d / 255) * height * 0.12 + 20}" fill="rgb(${a},${b},${c})" opacity="0.7"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#ba8"/><stop offset="1" stop-color="#346"/></linearGradient></defs><rect width="100%" height="100%" fill="url(#g)"/>${shapes.join('')}</svg>`;
}

/** xorshift32 bytes around middle grey. */
function pseudoNoise(seed: number, length: number, softness: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed * 2_654_435_761 || 1;
  for (let i = 0; i < length; i += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = 128 + ((state & 0xff) - 128) / softness;
  }
  return bytes;
}
