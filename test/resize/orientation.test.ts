import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { normalize } from '../../functions/resize-image/picture/normalize.ts';
import {
  corners,
  meanDifference,
  oriented,
  photoPixels,
  rgbOf,
  type WritableFormat,
} from '../support/pictures.ts';
import { TINY_HEIC } from '../support/tiny-heic.ts';
import { LIMITS, seenCorners, UPRIGHT_CORNERS } from './expectations.ts';

const ORIENTATIONS = [1, 2, 3, 4, 5, 6, 7, 8];

describe('a picture with an EXIF orientation', () => {
  it.each(ORIENTATIONS)('%i comes out upright', async (orientation) => {
    const { bytes, width, height } = await normalize(await oriented(corners(), orientation), LIMITS);
    expect([width, height]).toEqual([120, 80]);
    expect(await seenCorners(bytes)).toEqual(UPRIGHT_CORNERS);
  });

  it.each(ORIENTATIONS.slice(1))('%i, shrunk, equals number 1', async (orientation) => {
    const limits = { ...LIMITS, maxSide: 100 };
    const reference = await normalize(await oriented(photoPixels(600, 400), 1), limits);
    const turned = await normalize(await oriented(photoPixels(600, 400), orientation), limits);
    expect([turned.width, turned.height]).toEqual([100, 67]);
    expect(meanDifference(await rgbOf(turned.bytes), await rgbOf(reference.bytes))).toBeLessThan(2.5);
  });

  it.each<WritableFormat>(['png', 'webp', 'tiff', 'avif'])(
    'comes out upright from %s as well',
    async (format) => {
      const { bytes } = await normalize(await oriented(corners(), 6, format), LIMITS);
      expect(await seenCorners(bytes)).toEqual(UPRIGHT_CORNERS);
    },
  );
});

it('turns a HEIC picture once, though its container and its EXIF both ask for it', async () => {
  const { bytes, width, height } = await normalize(TINY_HEIC, LIMITS);
  expect([width, height]).toEqual([128, 64]);
  expect(await seenCorners(bytes)).toEqual(UPRIGHT_CORNERS);
});

const samples = new URL('../../../shared/fixtures/orientation/', import.meta.url);

describe.skipIf(!existsSync(samples))('the photographed orientation samples', () => {
  it.each(ORIENTATIONS.slice(1))('number %i equals number 1', async (orientation) => {
    const read = (i: number) => readFileSync(new URL(`Landscape_${i}.jpg`, samples));
    const reference = await normalize(read(1), { ...LIMITS, maxSide: 600 });
    const turned = await normalize(read(orientation), { ...LIMITS, maxSide: 600 });
    expect(meanDifference(await rgbOf(turned.bytes), await rgbOf(reference.bytes))).toBeLessThan(4);
  });
});
