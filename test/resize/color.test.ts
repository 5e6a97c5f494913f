import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { normalize } from '../../functions/resize-image/picture/normalize.ts';
import { colorAt, displayP3, meanDifference, photoPixels, rgbOf } from '../support/pictures.ts';
import { LIMITS } from './expectations.ts';

const MIDDLE: [number, number] = [0.5, 0.5];
const BRICK = { r: 200, g: 60, b: 30 };
const plain = (background = BRICK): Sharp =>
  sharp({ create: { width: 64, height: 64, channels: 3, background } });
const middleOf = async (file: Buffer, maxSide = 2048) =>
  colorAt((await normalize(file, { ...LIMITS, maxSide })).bytes, MIDDLE);

const near = (actual: number[], expected: number[], tolerance: number) =>
  actual.forEach((value, i) => {
    expect(Math.abs(value - (expected[i] ?? 0)), `${actual} instead of ${expected}`).toBeLessThanOrEqual(
      tolerance,
    );
  });

describe('colors arrive as sRGB', () => {
  it.each<[string, () => Promise<Buffer>, number]>([
    ['from an sRGB JPEG', () => plain().jpeg().toBuffer(), 3],
    ['from a Display P3 JPEG', () => displayP3(plain()).jpeg({ quality: 100 }).toBuffer(), 3],
    ['from a Display P3 PNG', () => displayP3(plain()).png().toBuffer(), 3],
    ['from a Display P3 WebP', () => displayP3(plain()).webp({ lossless: true }).toBuffer(), 3],
    ['from a Display P3 TIFF', () => displayP3(plain()).tiff().toBuffer(), 3],
    ['from a 16-bit PNG', () => plain().toColourspace('rgb16').png().toBuffer(), 3],
    [
      'from a 16-bit PNG with an sRGB profile',
      () => plain().toColourspace('rgb16').withIccProfile('srgb').png().toBuffer(),
      3,
    ],
    ['from a 16-bit PNG in Display P3', () => displayP3(plain().toColourspace('rgb16')).png().toBuffer(), 3],
    ['from a palette PNG', () => plain().png({ palette: true }).toBuffer(), 3],
    ['from a CMYK JPEG', () => plain().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer(), 32],
    [
      'from a CMYK JPEG with its profile',
      () => plain().withIccProfile('cmyk').jpeg({ quality: 100 }).toBuffer(),
      32,
    ],
    ['from a CMYK TIFF', () => plain().toColourspace('cmyk').tiff().toBuffer(), 32],
  ])('%s', async (_, make, tolerance) => {
    near(await middleOf(await make(), 32), [BRICK.r, BRICK.g, BRICK.b], tolerance);
  });

  it('converting after shrinking looks like converting before', async () => {
    const file = await displayP3(photoPixels(1200, 900)).jpeg({ quality: 95 }).toBuffer();
    const late = await normalize(file, { ...LIMITS, maxSide: 400 });
    const early = await sharp(file).resize(400, 400, { fit: 'inside' }).jpeg({ quality: 85 }).toBuffer();
    expect(meanDifference(await rgbOf(late.bytes), await rgbOf(early))).toBeLessThan(1.5);
  });

  it('a broken profile is ignored', async () => {
    const file = await plain().png().toBuffer();
    const broken = await sharp(file).withIccProfile('p3').jpeg({ quality: 100 }).toBuffer();
    const at = broken.indexOf('acsp');
    near(await middleOf(Buffer.from(broken).fill(0, at, at + 4), 32), [184, 70, 43], 3);
  });
});

describe('what is not opaque lies on white', () => {
  const clear = (alpha: number) =>
    sharp({ create: { width: 64, height: 64, channels: 4, background: { ...BRICK, alpha } } });
  it.each<[string, () => Promise<Buffer>, number[]]>([
    ['a transparent PNG', () => clear(0).png().toBuffer(), [255, 255, 255]],
    ['a half transparent PNG', () => clear(0.5).png().toBuffer(), [228, 158, 143]],
    ['a half transparent WebP', () => clear(0.5).webp({ lossless: true }).toBuffer(), [228, 158, 143]],
    [
      'a half transparent 16-bit PNG',
      () => clear(0.5).toColourspace('rgb16').png().toBuffer(),
      [228, 158, 143],
    ],
    ['a transparent palette PNG', () => clear(0).png({ palette: true }).toBuffer(), [255, 255, 255]],
    ['a transparent GIF', () => clear(0).gif().toBuffer(), [255, 255, 255]],
    ['a half transparent gray PNG', () => grayAlpha(100, 0.5), [178, 178, 178]],
    ['a half transparent Display P3 PNG', () => displayP3(clear(0.5)).png().toBuffer(), [228, 158, 143]],
  ])('%s', async (_, make, expected) => {
    near(await middleOf(await make(), 32), expected, 4);
  });
});

describe('gray', () => {
  it.each<[string, () => Promise<Buffer>]>([
    ['JPEG', () => gray().jpeg({ quality: 100 }).toBuffer()],
    ['PNG', () => gray().png().toBuffer()],
    ['16-bit PNG', () => gray().toColourspace('grey16').png().toBuffer()],
    ['TIFF', () => gray().tiff().toBuffer()],
  ])('%s stays the same gray', async (_, make) => {
    near(await middleOf(await make(), 32), [100, 100, 100], 2);
  });
});

const gray = () => plain({ r: 100, g: 100, b: 100 }).toColourspace('b-w');

const grayAlpha = (level: number, alpha: number): Promise<Buffer> =>
  sharp(
    Buffer.alloc(64 * 64 * 2).map((_, i) => (i % 2 ? alpha * 255 : level)),
    { raw: { width: 64, height: 64, channels: 2 } },
  )
    .png()
    .toBuffer();
