import { describe, expect, it } from 'vitest';
import { normalize } from '../../functions/resize-image/picture/normalize.ts';
import { corners, truncated } from '../support/pictures.ts';
import { PIXELS, rgbFields, type TiffFields, tiff } from '../support/tiff.ts';
import { failureOf, LIMITS, seenCorners, UPRIGHT_CORNERS } from './expectations.ts';

const [WIDTH, HEIGHT] = [60, 40];
const pixels = () => corners(WIDTH, HEIGHT).raw().toBuffer();
const rgba = () => corners(WIDTH, HEIGHT).ensureAlpha().raw().toBuffer();
const RGB = rgbFields(WIDTH, HEIGHT);

describe('a TIFF whose pixels are whole is prepared, however careless its directory is', () => {
  const longText = 'Scanner 2000, version 1.0';
  it.each<[string, TiffFields, Parameters<typeof tiff>[2]]>([
    ['a text without its final zero', { ...RGB, 305: longText }, {}],
    ['the same in big-endian order', { ...RGB, 305: longText }, { bigEndian: true }],
    ['the same in a BigTIFF', { ...RGB, 305: longText }, { big: true }],
    ['an empty text', { ...RGB, 305: '' }, {}],
    ['names of coordinates without their final zero', { ...RGB, 34737: 'unnamed|ellipsoid|' }, {}],
    ['one page number instead of two', { ...RGB, 297: { short: [0] } }, {}],
    ['fields that are not in order', RGB, { backwards: true }],
    ['all of that', { ...RGB, 297: { short: [0] }, 305: longText }, { backwards: true }],
  ])('%s', async (_, fields, layout) => {
    const { bytes, source } = await normalize(tiff(fields, await pixels(), layout), LIMITS);
    expect(await seenCorners(bytes)).toEqual(UPRIGHT_CORNERS);
    expect(source).toEqual({ format: 'tiff', width: WIDTH, height: HEIGHT });
  });

  it('a fourth channel that nothing is said of', async () => {
    const fields = { ...RGB, 258: { short: [8, 8, 8, 8] }, 277: { short: [4] }, 279: { long: [9600] } };
    const { bytes } = await normalize(tiff(fields, await rgba()), LIMITS);
    expect(await seenCorners(bytes)).toEqual(UPRIGHT_CORNERS);
  });

  it('its orientation still counts', async () => {
    const file = tiff({ ...RGB, 274: { short: [3] }, 305: longText }, await pixels());
    expect(await seenCorners((await normalize(file, LIMITS)).bytes)).toEqual(UPRIGHT_CORNERS.toReversed());
  });

  it.each([0.2, 0.5, 0.9, 0.995])('but not when it is cut off at %f', async (share) => {
    const file = tiff({ ...RGB, 297: { short: [0] }, 305: longText }, await pixels());
    const { code } = await failureOf(normalize(truncated(file, share), LIMITS));
    expect(code).toBe('CORRUPT_IMAGE');
  });

  it('nor when its strips are said to be elsewhere', async () => {
    const file = tiff({ ...RGB, 273: { long: [9_000] }, 305: longText }, await pixels());
    expect((await failureOf(normalize(file, LIMITS))).code).toBe('CORRUPT_IMAGE');
  });
});

describe('a TIFF of a kind that cannot be decoded is refused by its name', () => {
  const bits = (each: number, samples = 3) => ({ short: new Array<number>(samples).fill(each) });
  const gray = { ...RGB, 258: bits(8, 1), 262: { short: [1] }, 277: { short: [1] } };
  const lab = { ...RGB, 262: { short: [8] } };
  const tiles = {
    322: { short: [64] },
    323: { short: [48] },
    324: { long: [PIXELS] },
    325: { long: [3072] },
  };
  it.each<[string, TiffFields]>([
    ['compressed with old-style JPEG', { ...RGB, 259: { short: [6] }, 262: { short: [6] } }],
    ['compressed with LZMA', { ...RGB, 259: { short: [34_925] } }],
    ['compressed with Zstandard', { ...RGB, 259: { short: [50_000] } }],
    ['compressed with JPEG 2000', { ...RGB, 259: { short: [34_712] } }],
    ['compressed with method 12345', { ...RGB, 259: { short: [12_345] } }],
    ['in tiles of separate planes', { ...RGB, 284: { short: [2] }, ...tiles }],
    ['with samples of 12 bits', { ...gray, 258: bits(12, 1) }],
    ['with samples of 10 bits', { ...RGB, 258: bits(10) }],
    ['with samples of 5, 6 bits', { ...RGB, 258: { short: [5, 6, 5] } }],
    ['with samples of 64 bits', { ...RGB, 258: bits(64), 339: bits(3) }],
    ['of complex numbers', { ...gray, 258: bits(32, 1), 339: bits(6, 1) }],
    ['in CIE Lab colors of 8 bits', lab],
    ['with 4 channels', { ...lab, 258: bits(16, 4), 277: { short: [4] } }],
    ['with 5 channels', { ...RGB, 258: bits(8, 5), 277: { short: [5] } }],
    ['with ICC Lab colors', { ...RGB, 262: { short: [9] } }],
    ['with the raw mosaic of a sensor', { ...gray, 262: { short: [32_803] } }],
    ['with a transparency mask', { ...gray, 258: bits(1, 1), 262: { short: [4] } }],
    ['in other inks than CMYK', { ...RGB, 262: { short: [5] }, 332: { short: [2] } }],
    ['in YCbCr colors without JPEG', { ...RGB, 262: { short: [6] }, 530: { short: [1, 1] } }],
  ])('%s', async (kind, fields) => {
    const ordered = Object.fromEntries(Object.entries(fields));
    const { code, message } = await failureOf(normalize(tiff(ordered, await pixels()), LIMITS));
    expect([code, message]).toEqual([
      'UNSUPPORTED_FORMAT',
      expect.stringContaining(`The file is a TIFF picture ${kind};`),
    ]);
  });
});
