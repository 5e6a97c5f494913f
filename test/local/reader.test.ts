import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { UnreadableImageError } from '../../local/reader/errors.ts';
import { createReader } from '../../local/reader/reader.ts';
import { drawBarcode, drawLabel, plainPicture } from './label-pictures.ts';

const reader = createReader();
afterAll(() => reader.close());

const LINES = ['SHELF A-12', 'SKU-12345 QTY 24'];
const BARCODE = { text: 'SKU-12345', format: 'Code128' } as const;

describe('a label', () => {
  it.each([0, 6, 45, 90, 180, 270])('with a barcode, turned by %i degrees, is read whole', async (turn) => {
    const facts = await reader.read(await drawLabel({ lines: LINES, barcode: BARCODE, turn }));
    expect(facts.codes).toMatchObject([{ format: 'Code128', text: 'SKU-12345' }]);
    expect(facts.text).toBe('SHELF A-12\nSKU-12345 QTY 24');
    expect(facts.textConfidence).toBeGreaterThan(0.8);
  });

  it.each([0, 8, 90, 180, 270])('without a barcode, turned by %i degrees, is read whole', async (turn) => {
    const facts = await reader.read(await drawLabel({ lines: LINES, turn }));
    expect(facts.codes).toMatchObject([]);
    expect(facts.text).toBe('SHELF A-12\nSKU-12345 QTY 24');
  });

  it('keeps its large print and loses the small when few pixels may be used', async () => {
    const image = await drawLabel({
      lines: ['SKU-12345'],
      barcode: { text: 'LOT-998877665544', format: 'Code128' },
    });
    const facts = await reader.read(image, undefined, 60_000);
    expect(facts).toMatchObject({ width: 1200, height: 900, codes: [], text: 'SKU-12345' });
  });

  it('names the colors people would name', async () => {
    const { colors } = await reader.read(await drawLabel({ lines: LINES }));
    expect(colors.slice(0, 2).map((color) => color.name)).toEqual(['brown', 'white']);
    expect(colors.reduce((sum, color) => sum + color.share, 0)).toBeLessThanOrEqual(1.001);
  });
});

describe('codes', () => {
  it.each([
    ['4006381333931', 'EAN13'],
    ['https://example.com/p/1', 'QRCode'],
    ['LOT 4711', 'DataMatrix'],
    ['ABC-123', 'Code39'],
  ] as const)('%s is read as %s', async (text, format) => {
    const { codes } = await reader.read(await drawBarcode(text, format));
    expect(codes.map((code) => code.text)).toEqual([text]);
    expect(codes[0]?.format).toContain(format);
  });
});

describe('pictures without text', () => {
  it('have no text, no codes and no confidence in any', async () => {
    const facts = await reader.read(await plainPicture('#2060c0'));
    expect(facts).toEqual({
      width: 320,
      height: 240,
      codes: [],
      text: '',
      lines: [],
      textConfidence: 0,
      colors: [{ name: 'blue', hex: expect.stringMatching(/^#2.6.c.$/), share: 1 }],
    });
  });

  it('get no words read into noise', async () => {
    const noise = await sharp({
      create: {
        width: 800,
        height: 600,
        channels: 3,
        background: '#808080',
        noise: { type: 'gaussian', mean: 128, sigma: 40 },
      },
    })
      .blur(3)
      .jpeg()
      .toBuffer();
    expect((await reader.read(noise)).text).toBe('');
  });
});

describe('broken pictures', () => {
  it.each([
    ['bytes that are no picture', async () => Buffer.from('not a picture')],
    ['an empty file', async () => Buffer.alloc(0)],
    ['a picture that is cut off', async () => (await drawLabel({ lines: LINES })).subarray(0, 9000)],
  ])('%s is an error that says so', async (_, bytes) => {
    await expect(reader.read(await bytes())).rejects.toThrow(UnreadableImageError);
  });
});

describe('reading twice', () => {
  it('reads the same bytes once, also when asked at the same time', async () => {
    const image = await drawLabel({ lines: ['TWICE 2'] });
    const [first, second] = await Promise.all([reader.read(image), reader.read(Buffer.from(image))]);
    expect(second).toBe(first);
  });

  it('stops waiting when the caller gives up', async () => {
    const gone = AbortSignal.abort(new Error('gave up'));
    await expect(reader.read(await plainPicture('red'), gone)).rejects.toThrow('gave up');
  });

  it('refuses more pictures than may wait', async () => {
    const small = createReader({ maxWaiting: 1 });
    const pictures = await Promise.all(['red', 'green', 'blue'].map((color) => plainPicture(color)));
    const results = await Promise.allSettled(pictures.map((picture) => small.read(picture)));
    await small.close();
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  });
});
