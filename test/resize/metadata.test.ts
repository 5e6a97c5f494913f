import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { normalize } from '../../functions/resize-image/picture/normalize.ts';
import { corners, METADATA_MARKERS, photo, photoPixels, withMetadata } from '../support/pictures.ts';
import { TINY_HEIC } from '../support/tiny-heic.ts';
import { LIMITS } from './expectations.ts';

const found = (bytes: Buffer) => METADATA_MARKERS.filter((marker) => bytes.includes(marker, 0, 'latin1'));

describe('metadata', () => {
  it('is really in the pictures of these tests', async () => {
    expect(found(await withMetadata(await photo()))).toEqual(METADATA_MARKERS);
  });

  it.each([
    ['passed through', { orientation: 1, maxSide: 2048, reencoded: false }],
    ['shrunk', { orientation: 1, maxSide: 200, reencoded: true }],
    ['turned', { orientation: 6, maxSide: 2048, reencoded: true }],
  ])('is gone from a JPEG that is %s', async (_, { orientation, maxSide, reencoded }) => {
    const result = await normalize(await withMetadata(await photo(), { orientation }), {
      ...LIMITS,
      maxSide,
    });
    expect(result.reencoded).toBe(reencoded);
    expect(found(result.bytes)).toEqual([]);
    const left = await sharp(result.bytes).metadata();
    expect([left.exif, left.xmp, left.iptc, left.icc, left.comments, left.orientation]).toEqual(
      Array(6).fill(undefined),
    );
  });

  it.each(['png', 'webp', 'tiff', 'avif'] as const)('is gone from a %s', async (format) => {
    const carrier = photoPixels(300, 200).withExif({
      IFD0: { Make: 'SECRET-CAMERA' },
      IFD3: { GPSLatitudeRef: 'N' },
    });
    const source = await carrier.withXmp('<x:xmpmeta>SECRET-XMP</x:xmpmeta>').toFormat(format).toBuffer();
    expect((await sharp(source).metadata()).xmp?.includes('SECRET-XMP')).toBe(true);
    expect(found((await normalize(source, LIMITS)).bytes)).toEqual([]);
  });

  it('is gone from a HEIC', async () => {
    expect(TINY_HEIC.includes('TINYCAM')).toBe(true);
    expect((await normalize(TINY_HEIC, LIMITS)).bytes.includes('TINYCAM')).toBe(false);
  });
});

describe('the size of a picture', () => {
  it.each([
    [1000, 500, 300, [300, 150]],
    [500, 1000, 300, [150, 300]],
    [300, 200, 300, [300, 200]],
    [40, 30, 300, [40, 30]],
    [1, 20_000, 300, [1, 300]],
    [20_000, 1, 300, [300, 1]],
    [1, 1, 300, [1, 1]],
  ])('%i x %i fits into %i as %o, never enlarged', async (width, height, maxSide, size) => {
    const result = await normalize(await photoPixels(width, height).png().toBuffer(), { ...LIMITS, maxSide });
    expect([result.width, result.height]).toEqual(size);
    expect(result.source).toEqual({ format: 'png', width, height });
    const { width: realWidth, height: realHeight, format } = await sharp(result.bytes).metadata();
    expect([realWidth, realHeight, format]).toEqual([...size, 'jpeg']);
  });
});

it('names the content of the result by its SHA-256', async () => {
  const { bytes, sha256 } = await normalize(await corners().png().toBuffer(), LIMITS);
  const digest = Buffer.from(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes))).toString('hex');
  expect(sha256).toBe(digest);
});
