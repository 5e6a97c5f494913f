import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { stripJpeg } from '../../functions/resize-image/picture/jpeg/pass-through.ts';
import { normalize } from '../../functions/resize-image/picture/normalize.ts';
import { partsOf } from '../support/jpeg-parts.ts';
import {
  displayP3,
  insertSegments,
  photo,
  photoPixels,
  rgbOf,
  segment,
  truncated,
  withMetadata,
} from '../support/pictures.ts';
import { failureOf, LIMITS } from './expectations.ts';

const adobe = (transform: number) =>
  segment(0xee, Buffer.from([...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, transform]));

const JFIF = segment(0xe0, Buffer.from('4a46494600010201004800480000', 'hex'));

describe('a small, upright, ordinary JPEG', () => {
  it.each([
    ['baseline', () => photo()],
    ['progressive', () => photo({ progressive: true })],
    ['gray', () => photoPixels(300, 200).grayscale().jpeg().toBuffer()],
    [
      'without chroma subsampling',
      () => photoPixels(300, 200).jpeg({ chromaSubsampling: '4:4:4' }).toBuffer(),
    ],
    ['with an sRGB profile', () => photoPixels(300, 200).withIccProfile('srgb').jpeg().toBuffer()],
    ['with its color transform flag from Adobe', async () => insertSegments(await photo(), [adobe(1)])],
    ['with its channels stored as RGB', async () => insertSegments(await photo(), [adobe(0)])],
    ['with a JFIF header that outvotes Adobe', async () => insertSegments(await photo(), [JFIF, adobe(0)])],
    [
      'followed by a second picture',
      async () => Buffer.concat([await photo(), await photo({ width: 64, height: 48 })]),
    ],
    [
      'followed by a video, as phones write it',
      async () => Buffer.concat([await photo(), Buffer.alloc(5000, 'ftypmp42')]),
    ],
  ])('%s keeps its pixels, coded as they were', async (_, make) => {
    const source = await withMetadata(await make());
    const result = await normalize(source, LIMITS);
    expect(result.reencoded).toBe(false);
    expect(result.bytes.length).toBeLessThan(source.length);
    expect(Buffer.compare(await rgbOf(result.bytes), await rgbOf(source))).toBe(0);
    expect((await sharp(result.bytes).metadata()).icc).toBeUndefined();
  });

  it('ends with its last picture byte', async () => {
    const { bytes } = await normalize(Buffer.concat([await photo(), Buffer.from('TRAILER')]), LIMITS);
    expect(bytes.subarray(-2).toString('hex')).toBe('ffd9');
  });

  it.each([0.3, 0.6, 0.9, 0.97, 0.995])(
    'is refused when it is cut off after %d of its bytes',
    async (share) => {
      const { code } = await failureOf(normalize(truncated(await photo(), share), LIMITS));
      expect(code).toBe('CORRUPT_IMAGE');
    },
  );

  it('is refused when it is cut off behind a thumbnail that is whole', async () => {
    const thumbnail = segment(
      0xe1,
      Buffer.concat([Buffer.from('Exif\0\0'), await photo({ width: 32, height: 24 })]),
    );
    const cut = truncated(insertSegments(await photo(), [thumbnail]), 0.7);
    expect((await failureOf(normalize(cut, LIMITS))).code).toBe('CORRUPT_IMAGE');
  });

  it('is refused when its end marker hides that it is cut off', async () => {
    const cut = Buffer.concat([truncated(await photo(), 0.6), Buffer.from([0xff, 0xd9])]);
    expect((await failureOf(normalize(cut, LIMITS))).code).toBe('CORRUPT_IMAGE');
  });
});

describe('a progressive JPEG that was closed between two of its scans', () => {
  const END = Buffer.from([0xff, 0xd9]);
  /** With its first scans only, and an end marker behind them. */
  const withScans = async (count: number): Promise<Buffer> => {
    const parts = partsOf(await photo({ progressive: true }));
    const scans = parts.flatMap((part, i) => (part[0] === 0xff && part[1] === 0xda ? [i] : []));
    return Buffer.concat([...parts.slice(0, scans[count] ?? parts.length - 1), END]);
  };

  // libjpeg sends the means, luma's first frequencies, both colors and luma's other ones; then the last bits of all.
  it.each([1, 2, 3, 4])('is refused as cut off when %d scans leave it blurred or gray', async (count) => {
    const cut = await withScans(count);
    expect((await failureOf(normalize(cut, LIMITS))).code).toBe('CORRUPT_IMAGE');
    expect((await failureOf(normalize(cut, { ...LIMITS, maxSide: 100 }))).code).toBe('CORRUPT_IMAGE');
  });

  it('is taken when only the last bits are missing, as if saved at a lower quality', async () => {
    expect((await normalize(await withScans(8), LIMITS)).reencoded).toBe(false);
  });
});

describe('a JPEG whose coded data is followed to its end', () => {
  it.each([false, true])(
    'gives way to others every few thousand blocks (progressive: %s)',
    async (progressive) => {
      const jpeg = await photo({ width: 1600, height: 1200, progressive });
      let turns = 0;
      let next = setImmediate(function turn() {
        turns += 1;
        next = setImmediate(turn);
      });
      const stripped = await stripJpeg(jpeg);
      clearImmediate(next);
      expect(stripped?.frame).toMatchObject({ width: 1600, height: 1200 });
      // 30,000 blocks of luma alone; a progressive picture passes over each of them several times.
      expect(turns).toBeGreaterThanOrEqual(progressive ? 12 : 4);
    },
  );
});

describe('a small JPEG is re-encoded', () => {
  it.each([
    ['when it has a wide-gamut profile', () => displayP3(photoPixels(300, 200)).jpeg().toBuffer()],
    ['when it is CMYK', () => photoPixels(300, 200).toColourspace('cmyk').jpeg().toBuffer()],
    ['when it is turned', async () => withMetadata(await photo(), { orientation: 3 })],
    ['when it spends more than a byte on a pixel', () => noise(400, 300)],
  ])('%s', async (_, make) => {
    expect((await normalize(await make(), LIMITS)).reencoded).toBe(true);
  });
});

describe('what phones write and decoders only warn about', () => {
  it('a gain map behind the picture changes nothing', async () => {
    const withGainMap = await gainMapped(sharp(await photo({ width: 1200, height: 900 })));
    expect((await sharp(withGainMap).metadata()).gainMap).toBeDefined();
    const main = withGainMap.subarray(0, withGainMap.indexOf(Buffer.from([0xff, 0xd9])) + 2);
    const [whole, alone] = await Promise.all(
      [withGainMap, main].map((file) => normalize(file, { ...LIMITS, maxSide: 400 })),
    );
    expect(whole?.sha256).toBe(alone?.sha256);
  });

  it.each([2, 700])('%i bytes of padding before the end do not refuse a picture', async (count) => {
    const jpeg = await photo();
    const padded = Buffer.concat([jpeg.subarray(0, -2), Buffer.alloc(count), Buffer.from([0xff, 0xd9])]);
    const small = await normalize(padded, { ...LIMITS, maxSide: 100 });
    expect([small.width, small.height]).toEqual([100, 75]);
    expect((await normalize(padded, LIMITS)).width).toBe(640);
  });

  it('stray bytes between the headers do not refuse a picture', async () => {
    const jpeg = await photo();
    const stray = Buffer.concat([jpeg.subarray(0, 20), Buffer.from([0, 0, 0]), jpeg.subarray(20)]);
    expect((await normalize(stray, { ...LIMITS, maxSide: 100 })).width).toBe(100);
  });

  it('a missing end marker counts as cut off, even if every pixel is there', async () => {
    const { code } = await failureOf(normalize((await photo()).subarray(0, -2), LIMITS));
    expect(code).toBe('CORRUPT_IMAGE');
  });
});

/** sharp 0.35 can write a gain map, but its types do not know. */
const gainMapped = (picture: Sharp): Promise<Buffer> =>
  (picture as Sharp & { withGainMap(): Sharp }).withGainMap().jpeg().toBuffer();

const noise = (width: number, height: number): Promise<Buffer> =>
  sharp({
    create: {
      width,
      height,
      channels: 3,
      background: 'gray',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  })
    .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
    .toBuffer();
