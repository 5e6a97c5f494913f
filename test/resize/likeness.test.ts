import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { likenessOf } from '../../functions/resize-image/picture/likeness-of.ts';
import { normalize } from '../../functions/resize-image/picture/normalize.ts';
import { bandsOf, bandsToFind, lookAlike } from '../../shared/results/likeness.ts';
import { picture } from '../support/pipeline.ts';
import { scene } from '../support/scenes.ts';

const OWNER = { profile: 'damage', uploader: 'ada@example.com', cacheTtlHours: 24 };
type Owner = Omit<typeof OWNER, 'uploader'> & { uploader: string | null };

async function lookOf(bytes: Buffer, owner: Owner = OWNER) {
  const prepared = await normalize(bytes, { maxSide: 2048, maxPixels: 100_000_000 });
  const { width, height } = prepared;
  return { width, height, likeness: await likenessOf(prepared.bytes, owner) };
}

const original = await scene(1);
const look = await lookOf(original);
const similarTo = async (bytes: Buffer) => lookAlike(await lookOf(bytes), look);

describe('how much two prepared pictures look alike', () => {
  it.each([
    ['saved again at quality 50', 0.98, () => sharp(original).jpeg({ quality: 50 }).toBuffer()],
    ['saved as WebP', 0.98, () => sharp(original).webp({ quality: 70 }).toBuffer()],
    ['saved as PNG', 0.98, () => sharp(original).png().toBuffer()],
    ['at two thirds of its size', 0.96, () => sharp(original).resize(533).jpeg().toBuffer()],
    ['a little brighter', 0.98, () => sharp(original).linear(1.03, 0).jpeg().toBuffer()],
  ])('a copy %s is the same to %d', async (_, least, copy) => {
    expect(await similarTo(await copy())).toBeGreaterThanOrEqual(least);
  });

  it('is about chance for other pictures', async () => {
    const others = await Promise.all(Array.from({ length: 12 }, (_, i) => scene(100 + i)));
    for (const other of others) expect(await similarTo(other)).toBeLessThan(0.75);
  });

  it.each([
    ['gray, as the colors are gone', () => sharp(original).grayscale().jpeg().toBuffer()],
    [
      'cut to another shape',
      () => sharp(original).extract({ left: 0, top: 0, width: 780, height: 600 }).jpeg().toBuffer(),
    ],
    ['with a thing of another color in it', () => scene(1, { thing: '#20a030' })],
    ['taken from further right', () => scene(1, { moved: 0.05 })],
    ['much larger: it shows more', () => scene(1, { width: 1200 })],
    ['mirrored', () => sharp(original).flop().jpeg().toBuffer()],
  ])('finds no copy in one that is %s', async (_, other) => {
    expect(await similarTo(await other())).toBeLessThan(0.95);
  });

  it('is not said of a plain area, which looks like any other one', async () => {
    expect((await lookOf(await picture(3, 600, 400))).likeness).toBeUndefined();
  });

  it('finds each picture within 14 of 256 bits by one piece of it at least, for as long as an answer is kept', () => {
    const hash = look.likeness?.hash ?? '';
    const madeAt = Date.UTC(2026, 10, 30, 23);
    const made = bandsOf(hash, OWNER, madeAt);
    const isFound = (other: string, hoursLater: number) =>
      bandsToFind(other, OWNER, madeAt + hoursLater * 3_600_000).some((piece) => made.includes(piece));
    for (let turn = 0; turn < 200; turn += 1) {
      const bytes = Buffer.from(hash, 'hex');
      for (let n = 0; n < 14; n += 1) {
        const bit = (turn * 31 + n * 17 * (1 + (turn % 7))) % 256;
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (7 - (bit & 7)));
      }
      expect(isFound(bytes.toString('hex'), turn % 24)).toBe(true);
    }
    expect(isFound(hash, 48)).toBe(false);
    expect(bandsToFind(hash, OWNER, madeAt)).toHaveLength(30);
  });

  it('shares no piece with the same picture of another uploader or profile', async () => {
    const pieces = new Set(look.likeness?.bands);
    for (const owner of [
      { ...OWNER, uploader: null },
      { ...OWNER, profile: 'other' },
    ]) {
      const { likeness } = await lookOf(original, owner);
      expect(likeness?.bands.some((piece) => pieces.has(piece))).toBe(false);
    }
  });
});
