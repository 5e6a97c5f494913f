import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { normalize } from '../../functions/resize-image/picture/normalize.ts';
import { box, colorNumbers, withColors, withProperty } from '../support/heif.ts';
import { colorAt } from '../support/pictures.ts';
import { GRAY_AVIF, GRAY_HEIC } from '../support/tiny-gray.ts';
import { failureOf, LIMITS } from './expectations.ts';

/** Coded values of the gray fields of an AVIF, shares of 255; below them the same values in the red channel alone. */
const CODES = [64, 96, 128, 160, 192];
const FIELD = 16;

/** Without loss, so that the values are what the numbers for colors say of them. */
async function fields(bitdepth: 8 | 10): Promise<Buffer> {
  const width = CODES.length * FIELD;
  const samples = new Uint16Array(width * 2 * FIELD * 3);
  samples.forEach((_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    const code = Math.round(((CODES[Math.floor(x / FIELD)] ?? 0) / 255) * (2 ** bitdepth - 1));
    samples[i] = y < FIELD || i % 3 === 0 ? code << (16 - bitdepth) : 0;
  });
  return sharp(samples, { raw: { width, height: 2 * FIELD, channels: 3 } })
    .toColourspace('rgb16')
    .avif({ lossless: true, bitdepth, effort: 0 })
    .toBuffer();
}

/** The middle of each field of a row. */
async function seen(bytes: Buffer, row: 0 | 1, count = CODES.length): Promise<number[][]> {
  const places = Array.from({ length: count }, (_, i): [number, number] => [
    (i + 0.5) / count,
    row ? 0.75 : 0.25,
  ]);
  return Promise.all(places.map((place) => colorAt(bytes, place)));
}

const near = (actual: number[], expected: number[]) =>
  actual.forEach((value, i) => {
    expect(Math.abs(value - (expected[i] ?? 0)), `${actual} instead of ${expected}`).toBeLessThanOrEqual(3);
  });

const grays = (colors: number[][]) => colors.map(([r = 0]) => r);

/** What Chromium 156 shows on an sRGB screen, gray and red. */
const SHOWN: [string, [number, number, number], number[], number[]][] = [
  ['HDR by PQ in BT.2020', [9, 16, 0], [30, 70, 133, 213, 255], [40, 90, 167, 255, 255]],
  ['HDR by HLG in BT.2020', [9, 18, 0], [43, 71, 100, 135, 189], [49, 80, 112, 151, 210]],
  ['BT.2020', [9, 14, 0], [64, 96, 128, 160, 192], [82, 122, 161, 201, 240]],
  ['Display P3', [12, 13, 0], [64, 96, 128, 160, 192], [71, 106, 141, 175, 210]],
  ['linear light', [1, 8, 0], [137, 165, 188, 208, 225], [137, 165, 188, 208, 225]],
  ['a gamma of 2.2', [1, 4, 0], [62, 96, 129, 161, 193], [62, 96, 129, 161, 193]],
  ['a gamma of 2.8', [1, 5, 0], [40, 72, 106, 142, 179], [40, 72, 106, 142, 179]],
  ['BT.709', [1, 1, 0], [64, 96, 128, 160, 192], [64, 96, 128, 160, 192]],
  ['nothing in particular', [2, 2, 0], [64, 96, 128, 160, 192], [64, 96, 128, 160, 192]],
];

describe.each([8, 10] as const)('an AVIF of %i bits looks as in a browser', (bitdepth) => {
  it.each(SHOWN)('in %s', async (_, numbers, gray, red) => {
    const file = withColors(await fields(bitdepth), numbers, true);
    const { bytes, source } = await normalize(file, { ...LIMITS, quality: 100 });
    expect(source).toEqual({ format: 'avif', width: 80, height: 32 });
    near(grays(await seen(bytes, 0)), gray);
    near(grays(await seen(bytes, 1)), red);
    for (const [, g = 0, b = 0] of await seen(bytes, 1)) expect(Math.max(g, b)).toBeLessThanOrEqual(3);
  });
});

it('an HDR picture is shrunk like any other', async () => {
  const file = withColors(await fields(10), [9, 16, 0], true);
  const { bytes, width, height } = await normalize(file, { ...LIMITS, maxSide: 40 });
  expect([width, height]).toEqual([40, 16]);
  expect((await sharp(bytes).metadata()).icc).toBeUndefined();
});

describe('a gray picture has its whole contrast', () => {
  it.each<[string, () => Buffer, number[]]>([
    ['an AVIF of the full range', () => GRAY_AVIF, [16, 126, 235]],
    ["an AVIF of video's range", () => withColors(GRAY_AVIF, [1, 13, 6], false), [0, 128, 255]],
    ['a HEIC that says nothing', () => GRAY_HEIC, [16, 126, 235]],
    ['a HEIC of the full range', () => gray([1, 13, 6], true), [16, 126, 235]],
    ["a HEIC of video's range", () => gray([1, 13, 6], false), [0, 128, 255]],
  ])('%s', async (_, make, expected) => {
    const { bytes } = await normalize(make(), { ...LIMITS, quality: 100 });
    near(grays(await seen(bytes, 0, 3)), expected);
  });
});

describe('a HEIC in HDR', () => {
  it('looks as the same values in an AVIF', async () => {
    const [heic, avif] = await Promise.all([
      normalize(gray([9, 16, 9], true), { ...LIMITS, quality: 100 }),
      normalize(withColors(GRAY_AVIF, [9, 16, 9], true), { ...LIMITS, quality: 100 }),
    ]);
    near(grays(await seen(heic.bytes, 0, 3)), [2, 129, 255]);
    near(grays(await seen(avif.bytes, 0, 3)), [2, 129, 255]);
  });

  it('is brighter where its brightest pixel is known to be paper white', async () => {
    const light = box('clli', Buffer.from([0, 203, 0, 100]));
    const { bytes } = await normalize(withProperty(gray([9, 16, 9], true), light), {
      ...LIMITS,
      quality: 100,
    });
    near(grays(await seen(bytes, 0, 3)), [4, 177, 255]);
  });
});

describe('colors that cannot be converted are refused by their numbers', () => {
  it.each<[string, [number, number, number]]>([
    ['9/16/14', [9, 16, 14]],
    ['1/9/1', [1, 9, 1]],
    ['10/13/1', [10, 13, 1]],
    ['200/13/1', [200, 13, 1]],
  ])('%s', async (name, numbers) => {
    for (const file of [withColors(GRAY_AVIF, numbers, true), gray(numbers, true)]) {
      const { code, message } = await failureOf(normalize(file, LIMITS));
      expect(code).toBe('UNSUPPORTED_FORMAT');
      expect(message).toContain(`in colors of the kind ${name}`);
    }
  });
});

function gray(numbers: [number, number, number], fullRange: boolean): Buffer {
  return withProperty(GRAY_HEIC, colorNumbers(numbers, fullRange));
}
