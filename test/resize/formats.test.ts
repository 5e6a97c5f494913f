import { existsSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { normalize } from '../../functions/resize-image/picture/normalize.ts';
import { colorAt, photoPixels } from '../support/pictures.ts';
import { LIMITS } from './expectations.ts';

/** Three pages: red, green, blue. */
async function pages(format: 'gif' | 'webp' | 'tiff'): Promise<Buffer> {
  const page = (background: string) =>
    sharp({ create: { width: 60, height: 40, channels: 3, background } })
      .png()
      .toBuffer();
  const all = await Promise.all(['#ff0000', '#00ff00', '#0000ff'].map(page));
  return sharp(all, { join: { animated: true } })
    .toFormat(format)
    .toBuffer();
}

it.each(['gif', 'webp', 'tiff'] as const)('of a %s with several pages the first is taken', async (format) => {
  const file = await pages(format);
  expect((await sharp(file).metadata()).pages).toBe(3);
  const { bytes, width, height } = await normalize(file, LIMITS);
  expect([width, height]).toEqual([60, 40]);
  const [r, g, b] = await colorAt(bytes, [0.5, 0.5]);
  expect(r).toBeGreaterThan(240);
  expect(Math.max(g, b)).toBeLessThan(15);
});

describe('every accepted format becomes one JPEG', () => {
  it.each(['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const)('%s', async (format) => {
    const file = await photoPixels(400, 300).toFormat(format).toBuffer();
    const { bytes, ...facts } = await normalize(file, { ...LIMITS, maxSide: 200 });
    expect(facts).toMatchObject({
      width: 200,
      height: 150,
      reencoded: true,
      source: { format, width: 400, height: 300 },
    });
    const { format: written, space, isProgressive, chromaSubsampling } = await sharp(bytes).metadata();
    expect({ written, space, isProgressive, chromaSubsampling }).toEqual({
      written: 'jpeg',
      space: 'srgb',
      isProgressive: false,
      chromaSubsampling: '4:2:0',
    });
  });
});

const fixtures = new URL('../../../shared/fixtures/', import.meta.url);

describe.skipIf(!existsSync(fixtures))('real files', () => {
  it.each<[string, number, number]>([
    ['photos/phone-4032x3024.jpg', 1024, 768],
    ['photos/camera-with-gps.jpg', 640, 480],
    ['photos/phone.heif', 1024, 768],
    ['formats/1.webp', 550, 368],
    ['formats/avif-orientation-6.avif', 768, 1024],
    ['formats/cogs.gif', 85, 77],
    ['formats/logo.svg', 1024, 768],
    ['formats/sample.tif', 290, 442],
  ])('%s comes out as %i x %i', async (name, width, height) => {
    const result = await normalize(readFileSync(new URL(name, fixtures)), {
      ...LIMITS,
      maxSide: 1024,
      timeLimitMs: 120_000,
    });
    expect([result.width, result.height]).toEqual([width, height]);
    expect(result.bytes.includes('Exif')).toBe(false);
  });
});
