import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { normalize } from '../../functions/resize-image/picture/normalize.ts';
import { predictedBytesPerPixel } from '../../functions/resize-image/picture/predicted-size.ts';
import { qualityFor } from '../../functions/resize-image/picture/quality.ts';
import { oriented, photo, photoPixels } from '../support/pictures.ts';
import { LIMITS } from './expectations.ts';

const LARGE = { width: 1600, height: 1200, quality: 95 };
const limits = { ...LIMITS, maxSide: 1000 };

/** A wall with a lamp: nearly nothing in it. */
const flat = (): Promise<Buffer> =>
  sharp(
    Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="1600" height="1200"><defs><linearGradient id="g"><stop stop-color="#dde"/><stop offset="1" stop-color="#99a"/></linearGradient></defs><rect width="100%" height="100%" fill="url(#g)"/><circle cx="700" cy="500" r="200" fill="#fc6"/></svg>',
    ),
  )
    .flatten()
    .jpeg({ quality: 92 })
    .toBuffer();

describe('a target in bytes', () => {
  it('lowers the quality just so far that the picture fits, and says the quality', async () => {
    const file = await photo(LARGE);
    const free = await normalize(file, limits);
    expect(free.quality).toBe(85);
    const maxBytes = Math.round(free.bytes.length * 0.85);
    const fitted = await normalize(file, { ...limits, maxBytes });
    expect(fitted.bytes.length).toBeLessThanOrEqual(maxBytes);
    expect(fitted.bytes.length).toBeGreaterThan(0.85 * maxBytes);
    expect(fitted.quality).toBeLessThan(85);
    expect(fitted.quality).toBeGreaterThanOrEqual(70);
    expect([fitted.width, fitted.height]).toEqual([free.width, free.height]);
  });

  it('is missed rather than that the quality falls below 70', async () => {
    const small = await normalize(await photo(LARGE), { ...limits, maxBytes: 10_000 });
    expect(small.quality).toBe(70);
    expect(small.bytes.length).toBeGreaterThan(10_000);
  });

  it('leaves a picture alone that has it already', async () => {
    const file = await photo(LARGE);
    const free = await normalize(file, limits);
    const fitted = await normalize(file, { ...limits, maxBytes: free.bytes.length });
    expect(fitted.sha256).toBe(free.sha256);
  });

  it('holds for a turned PNG as well', async () => {
    const file = await oriented(photoPixels(800, 600), 6, 'png');
    const free = await normalize(file, { ...LIMITS, maxSide: 600 });
    const fitted = await normalize(file, { ...LIMITS, maxSide: 600, maxBytes: free.bytes.length * 0.9 });
    expect(fitted.bytes.length).toBeLessThanOrEqual(free.bytes.length * 0.9);
    expect([fitted.width, fitted.height]).toEqual([600, 450]);
  });

  it('makes a small JPEG be re-encoded that would have passed as it was', async () => {
    const file = await photo({ width: 900, height: 700, quality: 93 });
    expect((await normalize(file, limits)).reencoded).toBe(false);
    const maxBytes = Math.round(file.length * 0.7);
    const fitted = await normalize(file, { ...limits, maxBytes });
    expect(fitted).toMatchObject({ reencoded: true, preparation: 'faithful' });
    expect(fitted.bytes.length).toBeLessThanOrEqual(maxBytes);
  });

  it('never makes a picture larger than it came', async () => {
    const file = await photo({ width: 900, height: 700, quality: 40 });
    const same = await normalize(file, { ...limits, maxBytes: 20_000 });
    expect(same.reencoded).toBe(false);
    expect(same.quality).toBeUndefined();
    expect(same.bytes.length).toBeLessThanOrEqual(file.length);
  });
});

describe('the quality for a target', () => {
  it.each([
    [400_000, 440_000, 85, 81],
    [400_000, 500_000, 85, 77],
    [400_000, 640_000, 85, 70],
    [400_000, 2_000_000, 85, 70],
    [400_000, 500_000, 95, 88],
    [400_000, 500_000, 60, 60],
  ])('of %i bytes, from %i at %i, is %i', (maxBytes, bytes, quality, expected) => {
    expect(qualityFor(maxBytes, bytes, quality)).toBe(expected);
  });
});

describe('a flat picture', () => {
  it('is told from its header and gets Huffman tables of its own', async () => {
    const file = await flat();
    const predicted = predictedBytesPerPixel(file, { width: 1600, height: 1200 }, 1000) ?? 1;
    expect(predicted).toBeLessThan(0.08);
    const { bytes } = await normalize(file, limits);
    expect(hasFixedTables(bytes)).toBe(false);
  });

  it('gets them from a PNG too', async () => {
    const { bytes } = await normalize(
      await sharp(await flat())
        .png()
        .toBuffer(),
      limits,
    );
    expect(hasFixedTables(bytes)).toBe(false);
  });

  it('is no detailed one', async () => {
    const file = await photo(LARGE);
    expect(predictedBytesPerPixel(file, { width: 1600, height: 1200 }, 1000)).toBeGreaterThan(0.15);
    const { bytes } = await normalize(file, limits);
    expect(hasFixedTables(bytes)).toBe(true);
  });

  it('cannot be told where the headers lead nowhere', () => {
    const size = { width: 100, height: 100 };
    expect(predictedBytesPerPixel(Buffer.from('ffd8ffd9', 'hex'), size, 50)).toBeUndefined();
    expect(predictedBytesPerPixel(Buffer.from('ffd8ffdb00430000', 'hex'), size, 50)).toBeUndefined();
  });
});

/** Whether every code of 8 bits of the standard's tables is there (ITU-T T.81, table K.5): tables of its own name fewer. */
function hasFixedTables(jpeg: Buffer): boolean {
  const at = jpeg.indexOf(Buffer.from([0xff, 0xc4]));
  let symbols = 0;
  for (let table = at; jpeg[table + 1] === 0xc4; table += 2 + jpeg.readUInt16BE(table + 2))
    symbols += jpeg.readUInt16BE(table + 2) - 19;
  return symbols === 2 * (12 + 162);
}
