import { describe, expect, it } from 'vitest';
import { normalize } from '../../functions/resize-image/picture/normalize.ts';
import { seededRandom } from '../../shared/base/seeded-random.ts';
import { lengthened, partsOf, withRestarts } from '../support/jpeg-parts.ts';
import { insertSegments, photo, photoPixels, rgbOf, segment } from '../support/pictures.ts';
import { failureOf, LIMITS } from './expectations.ts';

const TEXT = Buffer.from('SECRET');
const END = 0xd9;
const LONG_TEXT = Buffer.from('GPS 47.3769N 8.5417E SECRET');

/** Small enough to be passed through as they are. */
const CARRIERS: Record<string, () => Promise<Buffer>> = {
  'a baseline JPEG': () => photo({ width: 48, height: 32 }),
  'a progressive JPEG': () => photo({ width: 48, height: 32, progressive: true }),
  'a gray JPEG': () => photoPixels(48, 32).toColourspace('b-w').jpeg().toBuffer(),
  'a JPEG with restart markers': () => withRestarts(),
};

const adobe = (more: Buffer) =>
  segment(0xee, Buffer.concat([Buffer.from('Adobe\0\x64\0\0\0\0\x01', 'latin1'), more]));

/** The file with something added between two of its parts. */
const between = (parts: readonly Buffer[], at: number, added: Buffer): Buffer =>
  Buffer.concat(parts.toSpliced(at, 0, added));

const replaced = (parts: readonly Buffer[], at: number, part: Buffer): Buffer =>
  Buffer.concat(parts.with(at, part));

/** It may be refused; what comes out shows the picture and does not hold the text. */
async function expectGone(file: Buffer, pixels: Buffer, where: string, endsEarly = false): Promise<void> {
  expect(file.includes(TEXT), where).toBe(true);
  const made = await normalize(file, LIMITS).catch(() => undefined);
  if (!made) return;
  expect(made.bytes.includes(TEXT), where).toBe(false);
  if (!made.reencoded && !endsEarly) expect((await rgbOf(made.bytes)).equals(pixels), where).toBe(true);
}

describe.each(Object.entries(CARRIERS))('text in %s does not survive', (_, make) => {
  it('behind the coded data', async () => {
    const parts = partsOf(await make());
    const pixels = await rgbOf(Buffer.concat(parts));
    for (const text of [TEXT, LONG_TEXT, Buffer.concat([Buffer.alloc(500), LONG_TEXT])])
      await expectGone(between(parts, parts.length - 1, text), pixels, `${text.length}`);
  });

  it('in any segment, at any place', async () => {
    const parts = partsOf(await make());
    const pixels = await rgbOf(Buffer.concat(parts));
    for (let marker = 0x01; marker <= 0xfe; marker += 1) {
      const at = [1, Math.ceil(parts.length / 2), parts.length - 1][marker % 3] ?? 1;
      const added = segment(marker, Buffer.concat([TEXT, Buffer.alloc(4)]));
      const where = `${marker.toString(16)} at ${at}`;
      await expectGone(between(parts, at, added), pixels, where, marker === END);
    }
  });

  it('behind the content of a segment that is longer than it has to be', async () => {
    const parts = partsOf(await make());
    const pixels = await rgbOf(Buffer.concat(parts));
    for (const [at, part] of parts.entries()) {
      if (part[0] !== 0xff || part.length < 4) continue;
      await expectGone(replaced(parts, at, lengthened(part, TEXT)), pixels, `part ${at}`);
    }
  });

  it('in tables that nothing uses', async () => {
    const jpeg = await make();
    const pixels = await rgbOf(jpeg);
    const divisors = segment(0xdb, Buffer.concat([Buffer.from([3]), TEXT, Buffer.alloc(58, 1)]));
    const counts = Buffer.from([0, 0, 0, TEXT.length, ...new Array(12).fill(0)]);
    const codes = segment(0xc4, Buffer.concat([Buffer.from([0x13]), counts, TEXT]));
    for (const table of [divisors, codes]) await expectGone(insertSegments(jpeg, [table]), pixels, 'table');
  });
});

describe('text does not survive', () => {
  it('behind the coded data of a restart interval', async () => {
    const pixels = await rgbOf(await withRestarts());
    for (const text of [TEXT, LONG_TEXT]) {
      const file = await withRestarts((coded) => Buffer.concat([coded, text]));
      await expectGone(file, pixels, `${text.length}`);
    }
  });

  it('behind what an Adobe segment has to say', async () => {
    const file = insertSegments(await photo(), [adobe(TEXT)]);
    const { bytes, reencoded } = await normalize(file, LIMITS);
    expect([reencoded, bytes.includes(TEXT)]).toEqual([false, false]);
    expect((await rgbOf(bytes)).equals(await rgbOf(file))).toBe(true);
  });

  it('in a segment that tells the height anew', async () => {
    const parts = partsOf(await photo());
    const file = between(parts, parts.length - 1, segment(0xdc, TEXT));
    const { bytes, reencoded } = await normalize(file, LIMITS);
    expect([reencoded, bytes.includes(TEXT)]).toEqual([false, false]);
  });

  it('wherever 600 random changes put it', async () => {
    const random = seededRandom(13);
    const carriers = await Promise.all(Object.values(CARRIERS).map((make) => make()));
    let stored = 0;
    for (let round = 0; round < 600; round += 1) {
      const parts = partsOf(carriers[round % carriers.length] ?? Buffer.alloc(0));
      const at = 1 + Math.floor(random() * (parts.length - 1));
      const part = parts[at] ?? Buffer.alloc(0);
      const into = Math.floor(random() * part.length);
      const marker = Buffer.from([0xff, 1 + Math.floor(random() * 254)]);
      const length = Buffer.from([0, 2 + TEXT.length]);
      const ways = [Buffer.concat([marker, TEXT]), Buffer.concat([marker, length, TEXT]), TEXT];
      // Within coded data bare bytes can be as good a picture as any others.
      const isCoded = parts[at - 1]?.[1] === 0xda;
      const added = ways[Math.floor(random() * (isCoded ? 2 : 3))] ?? TEXT;
      const changed = Buffer.concat([part.subarray(0, into), added, part.subarray(into)]);
      const made = await normalize(replaced(parts, at, changed), LIMITS).catch(() => undefined);
      if (made) stored += 1;
      if (made) expect(made.bytes.includes(TEXT), `round ${round}, part ${at}, ${into}`).toBe(false);
    }
    expect(stored).toBeGreaterThan(0);
  });

  it('in a table that is used: no encoder names the same symbol twice', async () => {
    const jpeg = await photo();
    const at = jpeg.indexOf(Buffer.from([0xff, 0xc4]));
    const counts = Buffer.alloc(16);
    counts[7] = TEXT.length;
    const table = segment(0xc4, Buffer.concat([jpeg.subarray(at + 4, at + 5), counts, TEXT]));
    const file = Buffer.concat([jpeg.subarray(0, at), table, jpeg.subarray(at)]);
    const { bytes } = await normalize(file, LIMITS);
    expect(bytes.includes(TEXT)).toBe(false);
  });
});

it('coded data that is no such thing is refused, not passed on', async () => {
  const parts = partsOf(await photo());
  const coded = parts.at(-2) ?? Buffer.alloc(0);
  const cut = replaced(parts, parts.length - 2, coded.subarray(0, coded.length / 2));
  expect((await failureOf(normalize(cut, LIMITS))).code).toBe('CORRUPT_IMAGE');
});
