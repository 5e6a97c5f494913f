import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { normalize } from '../../functions/resize-image/picture/normalize.ts';
import { box, cleanAperture, withProperty } from '../support/heif.ts';
import { colorAt, photoPixels } from '../support/pictures.ts';
import { TINY_HEIC } from '../support/tiny-heic.ts';
import { failureOf, LIMITS } from './expectations.ts';

/** Stored it is 64 x 128 pixels: green, yellow above red, blue; then it is turned by a quarter to the right. */
const STORED = { width: 64, height: 128 };

describe('a HEIC with a crop', () => {
  it.each<[string, [number, number], string]>([
    ['left above', [-24, -56], 'green'],
    ['right above', [24, -56], 'yellow'],
    ['left below', [-24, 56], 'red'],
    ['right below', [24, 56], 'blue'],
  ])('far smaller than what is coded shows that part: %s', async (_, [right, down], color) => {
    const file = withProperty(TINY_HEIC, cleanAperture(12, 8, right, down));
    const { bytes, width, height } = await normalize(file, LIMITS);
    expect([width, height]).toEqual([8, 12]);
    expect(nearest(await colorAt(bytes, [0.5, 0.5]))).toBe(color);
  });

  it('nearly as large as what is coded is cropped as usual', async () => {
    const file = withProperty(TINY_HEIC, cleanAperture(STORED.width - 4, STORED.height - 2, 0, 0));
    const { width, height } = await normalize(file, LIMITS);
    expect([width, height]).toEqual([126, 60]);
  });

  it('that does not lie within it is refused for good', async () => {
    const file = withProperty(TINY_HEIC, cleanAperture(12, 8, 900, 0));
    expect((await failureOf(normalize(file, LIMITS))).code).toBe('CORRUPT_IMAGE');
  });
});

it('a HEIC that is far larger than it says is refused for good, not tried again', async () => {
  const lying = Buffer.from(TINY_HEIC);
  const at = lying.indexOf('ispe', 0, 'latin1') + 8;
  lying.writeUInt32BE(4, at);
  lying.writeUInt32BE(4, at + 4);
  expect((await failureOf(normalize(lying, LIMITS))).code).toBe('CORRUPT_IMAGE');
});

describe('what is coded in a HEIF file decides, not its brand', () => {
  /** The file with its main picture said to be coded in another way. */
  const coded = (kind: string) => {
    const file = Buffer.from(TINY_HEIC);
    file.write(kind, file.indexOf('hvc1', 0, 'latin1'), 'latin1');
    return file;
  };

  it.each([
    ['j2k1', 'a HEIF picture coded as JPEG 2000'],
    ['avc1', 'a HEIF picture coded as AVC (H.264)'],
    ['unci', 'a HEIF picture coded as uncompressed pixels'],
    ['vvc1', 'a HEIF picture coded as VVC (H.266)'],
    ['jpeg', 'a HEIF picture coded as JPEG'],
  ])('%s is refused by its name', async (kind, name) => {
    const { code, message } = await failureOf(normalize(coded(kind), LIMITS));
    expect([code, message]).toEqual(['UNSUPPORTED_FORMAT', expect.stringContaining(name)]);
  });

  it.each(['mif1', 'msf1', 'avis', 'heic'])('an AVIF under the brand %s is an AVIF', async (brand) => {
    const file = await photoPixels(64, 48).avif({ effort: 0 }).toBuffer();
    file.write(brand, 8, 'latin1');
    const { source } = await normalize(file, LIMITS);
    expect(source).toEqual({ format: 'avif', width: 64, height: 48 });
  });

  it('a sequence without a still picture is refused by its name', async () => {
    const brands = Buffer.from('avis\0\0\0\0avismsf1', 'latin1');
    const file = Buffer.concat([
      box('ftyp', brands),
      box('moov', Buffer.alloc(64)),
      box('mdat', Buffer.alloc(64)),
    ]);
    const { code, message } = await failureOf(normalize(file, LIMITS));
    expect(code).toBe('UNSUPPORTED_FORMAT');
    expect(message).toContain('an image sequence without a still picture (avis)');
  });

  it('a minimized header is named', async () => {
    const file = Buffer.concat([
      box('ftyp', Buffer.from('mif3\0\0\0\0avif', 'latin1')),
      box('mini', Buffer.alloc(64)),
    ]);
    const { code, message } = await failureOf(normalize(file, LIMITS));
    expect(code).toBe('UNSUPPORTED_FORMAT');
    expect(message).toContain('a HEIF picture with the minimized header (mif3)');
  });
});

function nearest([r, g, b]: [number, number, number]): string {
  if (b > 128) return 'blue';
  return r > 128 ? (g > 128 ? 'yellow' : 'red') : 'green';
}

it('the picture of these tests shows four colors', async () => {
  const { bytes } = await normalize(TINY_HEIC, LIMITS);
  const places: [number, number][] = [
    [0.25, 0.25],
    [0.75, 0.25],
    [0.25, 0.75],
    [0.75, 0.75],
  ];
  const seen = await Promise.all(places.map(async (place) => nearest(await colorAt(bytes, place))));
  expect(seen).toEqual(['red', 'green', 'blue', 'yellow']);
  expect((await sharp(bytes).metadata()).format).toBe('jpeg');
});
