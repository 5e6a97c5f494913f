import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sharp } from '../../functions/resize-image/picture/engine.ts';
import { memoryFile } from '../../functions/resize-image/picture/memory-file.ts';
import { normalize } from '../../functions/resize-image/picture/normalize.ts';
import { colorAt, meanDifference, photoPixels, rgbOf } from '../support/pictures.ts';
import { LIMITS } from './expectations.ts';

const jpeg = (width: number, height: number): Promise<Buffer> =>
  photoPixels(width, height).jpeg({ quality: 95 }).toBuffer();

/** Elsewhere pictures are decoded whole. */
const probe = await memoryFile(Buffer.of(0));
await probe?.close();

describe.runIf(probe !== undefined)('a JPEG that is to become much smaller', () => {
  it.each<[string, number, number, number, [number, number]]>([
    ['exactly twice as large is halved', 800, 600, 400, [400, 300]],
    ['a little less than twice as large is halved, not enlarged', 794, 600, 400, [397, 300]],
    ['so much less that more than a 32nd would be missing comes out at the limit', 770, 600, 400, [400, 312]],
    ['two and a half times as large is halved, then resampled', 1000, 600, 400, [400, 240]],
    ['a portrait is measured by its height', 600, 800, 400, [300, 400]],
    ['four times as large is quartered', 1600, 1200, 400, [400, 300]],
    ['nine times as large is decoded at an eighth', 1800, 1200, 200, [200, 133]],
    ['a thread of one pixel stays one', 810, 1, 400, [400, 1]],
  ])('%s', async (_name, width, height, maxSide, size) => {
    const original = await jpeg(width, height);
    const result = await normalize(original, { ...LIMITS, maxSide });
    expect([result.width, result.height]).toEqual(size);
    const whole = await sharp(original).raw().toBuffer({ resolveWithObject: true });
    const expected = sharp(whole.data, { raw: whole.info }).resize(...size, { fit: 'fill' });
    expect(
      meanDifference(await rgbOf(result.bytes), await rgbOf(await expected.png().toBuffer())),
    ).toBeLessThan(3);
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
      const { bytes } = await normalize(picture, { ...LIMITS, maxSide: 400 });
      seen.push((await colorAt(bytes, [0.5, 0.5])).map((channel) => Math.round(channel / 255)).join(''));
    }
    expect(seen).toEqual(['100', '010', '001', '111', '100', '010', '001', '111']);
  });

  it('leaves no open file behind, also when it is cut off', async () => {
    const original = await jpeg(800, 600);
    const limits = { ...LIMITS, maxSide: 400 };
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
