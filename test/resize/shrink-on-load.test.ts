import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lumaOf, ssim } from '../../bench/resize/ssim.ts';
import { sharp } from '../../functions/resize-image/picture/engine.ts';
import { memoryFile } from '../../functions/resize-image/picture/memory-file.ts';
import { normalize } from '../../functions/resize-image/picture/normalize.ts';
import { shrinkOf } from '../../functions/resize-image/picture/shrink-on-load.ts';
import type { Preparation } from '../../shared/profiles/preparation.ts';
import { colorAt, meanDifference, photoPixels, rgbOf } from '../support/pictures.ts';
import { LIMITS } from './expectations.ts';

const jpeg = (width: number, height: number): Promise<Buffer> =>
  photoPixels(width, height).jpeg({ quality: 95 }).toBuffer();

/** Slanted lines about as fine as the shrunk picture can show: where it drifts by a part of a pixel, they do not match. */
function fineLines(width: number, height: number): Promise<Buffer> {
  const data = Buffer.alloc(width * height);
  for (let i = 0; i < data.length; i += 1)
    data[i] = 128 + 90 * Math.sin(((i % width) + 0.3 * Math.floor(i / width)) * 0.9);
  return sharp(data, { raw: { width, height, channels: 1 } })
    .toColourspace('srgb')
    .jpeg({ quality: 95 })
    .toBuffer();
}

/** Elsewhere pictures are decoded whole. */
const probe = await memoryFile(Buffer.of(0));
await probe?.close();

/** The whole decode, resampled once: what nothing can be more like. */
async function wholeDecode(original: Buffer, width: number, height: number): Promise<Buffer> {
  const whole = await sharp(original).raw().toBuffer({ resolveWithObject: true });
  return sharp(whole.data, { raw: whole.info }).resize(width, height, { fit: 'fill' }).png().toBuffer();
}

describe('by how much a JPEG shrinks while it is decoded', () => {
  const BASELINE = {
    format: 'jpeg',
    orientation: 1,
    progressive: false,
    hasAlpha: false,
    isDeep: false,
    color: 'none',
  } as const;
  const factor = (width: number, height: number, maxSide: number, preparation: Preparation): number =>
    shrinkOf({ ...BASELINE, width, height }, { maxSide, preparation });

  it.each<[string, number, number, number, number, number]>([
    ['of every iPhone', 4032, 3024, 2048, 1, 2],
    ['that leaves just enough to resample', 5530, 4000, 2048, 2, 2],
    ['that leaves a little too little', 5528, 4000, 2048, 1, 2],
    ['of 24 megapixels', 6000, 4000, 2048, 2, 2],
    ['with an odd side', 6001, 4000, 2048, 1, 2],
    ['of 48 megapixels', 8064, 6048, 2048, 2, 4],
    ['that a quarter of is still large', 12_000, 9000, 2048, 4, 4],
    ['for small pictures', 4032, 3024, 512, 4, 8],
    ['that does not divide by four', 4034, 3026, 512, 2, 8],
    ['that is small already', 3000, 2000, 2048, 1, 1],
    ['one pixel high', 4032, 1, 512, 1, 1],
  ])('%s: %i x %i to %i by %i, fast by %i', (_name, width, height, maxSide, faithful, fast) => {
    expect(factor(width, height, maxSide, 'faithful')).toBe(faithful);
    expect(factor(width, height, maxSide, 'fast')).toBe(fast);
  });
});

describe('a faithful picture', () => {
  it.each<[string, number, number, number, [number, number]]>([
    ['just under twice as large', 1192, 894, 600, [600, 450]],
    ['two and a half times as large with odd sides', 1499, 1001, 600, [600, 401]],
    ['with an odd side at a factor that sharp would halve itself', 1801, 1201, 600, [600, 400]],
    ['halved while it is decoded', 1664, 1248, 600, [600, 450]],
  ])(
    '%s is as like the original as one from the whole decode',
    async (_name, width, height, maxSide, size) => {
      const original = await fineLines(width, height);
      const result = await normalize(original, { ...LIMITS, maxSide, quality: 95 });
      expect([result.width, result.height]).toEqual(size);
      const expected = await lumaOf(await wholeDecode(original, ...size));
      expect(ssim(await lumaOf(result.bytes), expected)).toBeGreaterThan(0.97);
    },
  );
});

it('a fast picture says so, and a faithful one', async () => {
  const original = await jpeg(1000, 800);
  const limits = { ...LIMITS, maxSide: 400 };
  expect(await normalize(original, { ...limits, preparation: 'fast' })).toMatchObject({
    preparation: 'fast',
  });
  expect(await normalize(original, limits)).toMatchObject({ preparation: 'faithful', quality: 85 });
});

describe.runIf(probe !== undefined)('a JPEG that is to become much smaller, fast', () => {
  it.each<[string, number, number, number, [number, number]]>([
    ['exactly twice as large is halved', 800, 600, 400, [400, 300]],
    ['a little less than twice as large is halved, not enlarged', 794, 600, 400, [397, 300]],
    ['so much less that more than a 32nd would be missing comes out at the limit', 770, 600, 400, [400, 312]],
    ['two and a half times as large is halved, then resampled', 1000, 600, 400, [400, 240]],
    ['a portrait is measured by its height', 600, 800, 400, [300, 400]],
    ['four times as large is quartered', 1600, 1200, 400, [400, 300]],
    ['with odd sides loses a column and a row, and is not drawn out', 1001, 801, 400, [400, 320]],
    ['nine times as large is decoded at an eighth', 1800, 1200, 200, [200, 133]],
    ['a thread of one pixel stays one', 810, 1, 400, [400, 1]],
  ])('%s', async (_name, width, height, maxSide, size) => {
    const original = await jpeg(width, height);
    const result = await normalize(original, { ...LIMITS, maxSide, preparation: 'fast' });
    expect([result.width, result.height]).toEqual(size);
    const expected = await wholeDecode(original, ...size);
    expect(meanDifference(await rgbOf(result.bytes), await rgbOf(expected))).toBeLessThan(3);
  });

  it('never comes out as the one that was decoded from the same place before it', async () => {
    const colors = ['red', 'lime', 'blue', 'white'];
    const pictures = await Promise.all(
      colors.map((background) =>
        sharp({ create: { width: 800, height: 600, channels: 3, background } })
          .jpeg()
          .toBuffer(),
      ),
    );
    const seen: string[] = [];
    for (const picture of [...pictures, ...pictures]) {
      const { bytes } = await normalize(picture, { ...LIMITS, maxSide: 400, preparation: 'fast' });
      seen.push((await colorAt(bytes, [0.5, 0.5])).map((channel) => Math.round(channel / 255)).join(''));
    }
    expect(seen).toEqual(['100', '010', '001', '111', '100', '010', '001', '111']);
  });

  it('leaves no open file behind, also when it is cut off', async () => {
    const original = await jpeg(800, 600);
    const limits = { ...LIMITS, maxSide: 400, preparation: 'fast' as const };
    await normalize(original, limits);
    const openFiles = () => readdirSync('/proc/self/fd').length;
    const before = openFiles();
    for (let i = 0; i < 5; i += 1) {
      await normalize(original, limits);
      await expect(normalize(original.subarray(0, original.length / 2), limits)).rejects.toMatchObject({
        code: 'CORRUPT_IMAGE',
      });
    }
    expect(openFiles()).toBe(before);
  });
});
