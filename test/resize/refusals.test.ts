import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { normalize } from '../../functions/resize-image/picture/normalize.ts';
import { photo, photoPixels, pngBomb, truncated } from '../support/pictures.ts';
import { TINY_HEIC } from '../support/tiny-heic.ts';
import { failureOf, LIMITS } from './expectations.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const ftyp = (brand: string) =>
  Buffer.concat([bytes(`\0\0\0\x18ftyp${brand}\0\0\0\0${brand}isom`), Buffer.alloc(64)]);

describe('what is no picture is refused and named', () => {
  it.each<[string, Buffer, string]>([
    ['an empty file', Buffer.alloc(0), 'empty'],
    ['a text', bytes('SKU 12345, 24 pieces\n'), 'text'],
    ['a text that begins like a bitmap', bytes('BMW delivered 24 pieces on Friday'), 'text'],
    ['an HTML page', bytes('<!DOCTYPE html><html><svg></svg></html>'), 'an HTML page'],
    [
      'an HTML page with a drawing in it',
      bytes('<html><body><svg xmlns="http://www.w3.org/2000/svg"/></body></html>'),
      'an HTML page',
    ],
    ['an XML document', bytes('<?xml version="1.0"?><rss><svg/></rss>'), 'an XML document'],
    ['a ZIP archive', bytes('PK\x03\x04\x14\0\0\0'), 'a ZIP archive'],
    ['a compressed drawing', gzipSync('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'a gzip archive'],
    ['a sound', ftyp('M4A '), 'an MPEG-4 sound (M4A)'],
    ['random bytes', Buffer.alloc(4096, '\x07\x91\xf0'), 'no known kind'],
    ['one byte', bytes('\xff'), 'no known kind'],
  ])('%s', async (_, file, found) => {
    const { code, message } = await failureOf(normalize(file, LIMITS));
    expect(code).toBe('NOT_AN_IMAGE');
    expect(message).toContain(found);
    expect(message).toContain('JPEG, PNG, WebP, GIF, AVIF, HEIC, TIFF and SVG are accepted');
  });
});

describe('pictures, documents and videos that are not accepted are refused and named', () => {
  it.each<[string, Buffer]>([
    ['a BMP picture', bytes('BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0')],
    ['a Windows icon', bytes('\0\0\x01\0\x01\0\x10\x10')],
    ['a JPEG XL picture', bytes('\xff\x0a\xfa\x1f')],
    ['a JPEG 2000 picture', bytes('\0\0\0\x0cjP  \r\n\x87\n')],
    ['a Photoshop document', bytes('8BPS\0\x01')],
    ['a PDF document', bytes('%PDF-1.7\n')],
    ['a Canon raw photo', bytes('II*\0\x10\0\0\0CR\x02\0')],
    [
      'a raw photo (DNG, NEF or ARW)',
      Buffer.from('49492a0008000000' + '0100' + '12c60100040000000104000000000000', 'hex'),
    ],
    [
      'a raw photo (DNG, NEF or ARW)',
      Buffer.from('4d4d002a00000008' + '0001' + '00fe0004000000010000000100000000', 'hex'),
    ],
    ['an MP4 video (isom)', ftyp('isom')],
    ['an MP4 video (mp42)', ftyp('mp42')],
    ['a QuickTime video (qt)', ftyp('qt  ')],
    ['a 3GPP video (3gp5)', ftyp('3gp5')],
    ['a video or other media file (abcd)', ftyp('abcd')],
    ['a HEIF picture coded as JPEG 2000', ftyp('j2ki')],
    ['a HEIF picture coded as AVC (H.264)', ftyp('avci')],
    ['a HEIF picture with the minimized header (mif3)', ftyp('mif3')],
    ['a Matroska or WebM video', bytes('\x1a\x45\xdf\xa3\x01')],
  ])('%s', async (found, file) => {
    const { code, message } = await failureOf(normalize(file, LIMITS));
    expect(code).toBe('UNSUPPORTED_FORMAT');
    expect(message).toContain(found);
  });
});

describe('a picture with too many pixels is refused before it is decoded', () => {
  it('a PNG that claims 50,000 x 50,000', async () => {
    const { code, message } = await failureOf(normalize(pngBomb(50_000, 50_000), LIMITS));
    expect(code).toBe('TOO_MANY_PIXELS');
    expect(message).toBe('The picture is 50000 x 50000 = 2500.0 megapixels; at most 100.0 are accepted.');
  });

  it.each(['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const)(
    'a %s one pixel over the limit',
    async (format) => {
      const file = await photoPixels(101, 100).toFormat(format).toBuffer();
      expect((await failureOf(normalize(file, { maxSide: 64, maxPixels: 10_099 }))).code).toBe(
        'TOO_MANY_PIXELS',
      );
      expect((await normalize(file, { maxSide: 64, maxPixels: 10_100 })).width).toBe(64);
    },
  );

  it('a HEIC', async () => {
    expect((await failureOf(normalize(TINY_HEIC, { maxSide: 64, maxPixels: 8191 }))).code).toBe(
      'TOO_MANY_PIXELS',
    );
  });
});

const SHARES = [0.1, 0.25, 0.5, 0.75, 0.9, 0.99];

describe('a picture that is cut off is refused, never stored half', () => {
  it.each<[string, () => Promise<Buffer>]>([
    ['JPEG', () => photo()],
    ['large JPEG', () => photo({ width: 3000, height: 2000 })],
    ['progressive JPEG', () => photo({ progressive: true })],
    ['PNG', () => photoPixels(640, 480).png().toBuffer()],
    ['interlaced PNG', () => photoPixels(640, 480).png({ progressive: true }).toBuffer()],
    ['WebP', () => photoPixels(640, 480).webp().toBuffer()],
    ['lossless WebP', () => photoPixels(320, 240).webp({ lossless: true, effort: 0 }).toBuffer()],
    ['GIF', () => photoPixels(320, 240).gif({ effort: 1 }).toBuffer()],
    ['AVIF', () => photoPixels(320, 240).avif({ effort: 0 }).toBuffer()],
    ['TIFF', () => photoPixels(320, 240).tiff({ compression: 'none' }).toBuffer()],
    ['LZW TIFF', () => photoPixels(320, 240).tiff({ compression: 'lzw' }).toBuffer()],
    ['JPEG TIFF', () => photoPixels(320, 240).tiff({ compression: 'jpeg' }).toBuffer()],
    ['HEIC', async () => TINY_HEIC],
  ])('%s', async (_, make) => {
    const whole = await make();
    expect((await normalize(whole, { ...LIMITS, maxSide: 200 })).width).toBeGreaterThan(0);
    for (const share of SHARES) {
      const { code } = await failureOf(normalize(truncated(whole, share), { ...LIMITS, maxSide: 200 }));
      expect(code, `${share}`).toMatch(/^(CORRUPT_IMAGE|NOT_AN_IMAGE)$/);
    }
  });
});

describe('a picture of which only the last bytes are missing is refused', () => {
  it.each<[string, () => Promise<Buffer>]>([
    ['PNG', () => photoPixels(64, 48).png().toBuffer()],
    ['GIF', () => photoPixels(64, 48).gif({ effort: 1 }).toBuffer()],
    ['animated GIF', () => animation('gif')],
    ['animated WebP', () => animation('webp')],
    ['TIFF', () => photoPixels(64, 48).tiff({ compression: 'lzw' }).toBuffer()],
    ['BigTIFF', () => photoPixels(64, 48).tiff({ bigtiff: true, compression: 'packbits' }).toBuffer()],
    ['JPEG', () => photo({ width: 64, height: 48 })],
  ])('%s', async (_, make) => {
    const whole = await make();
    expect((await normalize(whole, LIMITS)).width).toBe(64);
    for (const missing of [1, 2, 4, 8, 12, 40]) {
      const { code } = await failureOf(normalize(whole.subarray(0, -missing), LIMITS));
      expect(code, `${missing} bytes`).toBe('CORRUPT_IMAGE');
    }
  });

  it('what follows the end of a PNG or GIF is no matter', async () => {
    for (const format of ['png', 'gif'] as const) {
      const whole = await photoPixels(64, 48).toFormat(format).toBuffer();
      expect((await normalize(Buffer.concat([whole, Buffer.alloc(100, 7)]), LIMITS)).width).toBe(64);
    }
  });
});

/** Two frames, of which the first alone would be a picture. */
async function animation(format: 'gif' | 'webp'): Promise<Buffer> {
  const frames = [photoPixels(64, 48), photoPixels(64, 48).negate()].map((frame) => frame.png().toBuffer());
  return sharp(await Promise.all(frames), { join: { animated: true } })
    .toFormat(format)
    .toBuffer();
}

describe('a damaged picture is refused', () => {
  it.each<[string, () => Promise<Buffer>]>([
    [
      'a JPEG with foreign data in its middle',
      async () => overwritten(await photo({ width: 1600, height: 1200 })),
    ],
    ['a PNG with a wrong checksum', async () => holed(await photoPixels(320, 240).png().toBuffer(), 0.5, 8)],
    [
      'a PNG with a damaged header',
      async () => holed(await photoPixels(320, 240).png().toBuffer(), 0, 4, 20),
    ],
    [
      'a WebP with a hole',
      async () =>
        holed(await photoPixels(640, 480).webp({ lossless: true, effort: 0 }).toBuffer(), 0.3, 4000),
    ],
    ['a TIFF that is only a header', async () => Buffer.from('49492a0008000000', 'hex')],
    ['a HEIC that is only a header', async () => TINY_HEIC.subarray(0, 28)],
    ['a JPEG that is only a start', async () => Buffer.from('ffd8ffe0', 'hex')],
  ])('%s', async (_, make) => {
    expect((await failureOf(normalize(await make(), { ...LIMITS, maxSide: 200 }))).code).toBe(
      'CORRUPT_IMAGE',
    );
  });
});

/** The file with a part of it replaced by what a lost sector may hold: the data of another file. */
function overwritten(file: Buffer): Buffer {
  const foreign = Buffer.from(file.subarray(0, 2000)).fill('\xff\xda\x12\x34\xff\xc4', 'latin1');
  return Buffer.concat([
    file.subarray(0, file.length / 2),
    foreign,
    file.subarray(file.length / 2 + foreign.length),
  ]);
}

/** The file with `length` bytes overwritten at a share of its length (plus `offset`). */
function holed(file: Buffer, share: number, length: number, offset = 0): Buffer {
  const from = Math.floor(file.length * share) + offset;
  return Buffer.from(file).fill(0x5a, from, from + length);
}

const broken = new URL('../../../shared/fixtures/broken/', import.meta.url);

describe.skipIf(!existsSync(broken))('the collected broken files', () => {
  const expected: Record<string, string> = {
    'bomb-17000x17000.avif': 'TOO_MANY_PIXELS',
    'corrupted.jpg': 'CORRUPT_IMAGE',
    'empty.jpg': 'NOT_AN_IMAGE',
    'truncated.jpg': 'CORRUPT_IMAGE',
    'xc1n0g08.png': 'CORRUPT_IMAGE',
    'xs1n0g01.png': 'NOT_AN_IMAGE',
  };

  it.each(Object.entries(expected))('%s is refused as %s', async (name, code) => {
    expect((await failureOf(normalize(readFileSync(new URL(name, broken)), LIMITS))).code).toBe(code);
  });

  it('a WebP under the name of a JPEG is simply a WebP', async () => {
    const result = await normalize(readFileSync(new URL('webp-named.jpg', broken)), LIMITS);
    expect(result.source.format).toBe('webp');
  });

  it('each is known to this test', () => {
    expect(readdirSync(broken).sort()).toEqual([...Object.keys(expected), 'webp-named.jpg'].sort());
  });
});
