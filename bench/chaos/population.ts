import sharp from 'sharp';
import type { Wish } from './wishes.ts';

/** What becomes of one object in the run. */
type Fate =
  | { kind: 'kept' }
  /** A second version is written over it after this time. Milliseconds. */
  | { kind: 'overwritten'; afterMs: number; second: Picture }
  | { kind: 'deleted'; afterMs: number }
  /** No picture that can be answered. */
  | { kind: 'broken'; how: Broken };

/** Size in pixels: no two pictures of a run have the same, so a model call tells which picture it was about. */
interface Picture {
  width: number;
  height: number;
}

export interface Member {
  name: string;
  /** When it is uploaded, from the start of the run. Milliseconds. */
  atMs: number;
  picture: Picture;
  fate: Fate;
  wish: Wish;
}

const BROKEN = ['text', 'empty', 'cut-off', 'pdf', 'bomb'] as const;
type Broken = (typeof BROKEN)[number];

const SHARES = { overwritten: 0.05, deleted: 0.04, broken: 0.03 };

/** Both are answered by the profile `describe`, whose first answer suffices: a second whole answer is a second payment. */
const FOLDERS = ['describe', 'holiday'];

const SMALLEST = 40;
const SIZES_A_ROW = 120;

/** Pictures that wait for a batch are deleted and written over while they wait, and while their job runs. Milliseconds. */
const LATEST_MS = { batch: 20_000, flex: 6_000, standard: 3_000, priority: 3_000 };

/** Everyone of a run, by the seed alone. */
export function populate(images: number, overMs: number, random: () => number, wishOf: () => Wish): Member[] {
  let next = 0;
  const picture = (): Picture => {
    const index = next;
    next += 1;
    return { width: SMALLEST + (index % SIZES_A_ROW), height: SMALLEST + Math.floor(index / SIZES_A_ROW) };
  };
  const fate = ({ lane }: Wish): Fate => {
    const drawn = random();
    const afterMs = Math.round(random() * LATEST_MS[lane]);
    if (drawn < SHARES.overwritten) return { kind: 'overwritten', afterMs, second: picture() };
    if (drawn < SHARES.overwritten + SHARES.deleted) return { kind: 'deleted', afterMs };
    if (drawn < SHARES.overwritten + SHARES.deleted + SHARES.broken)
      return { kind: 'broken', how: BROKEN[Math.floor(random() * BROKEN.length)] ?? 'text' };
    return { kind: 'kept' };
  };
  return Array.from({ length: images }, (_, i) => {
    const wish = wishOf();
    return {
      name: `${FOLDERS[Math.floor(random() * FOLDERS.length)]}/${i}.jpg`,
      atMs: Math.round((i / images) * overMs),
      picture: picture(),
      fate: fate(wish),
      wish,
    };
  });
}

export const pictureKey = ({ width, height }: Picture): string => `${width}x${height}`;

export function bytesOf({ width, height }: Picture): Promise<Buffer> {
  const background = { r: (width * 37) % 256, g: (height * 53) % 256, b: (width * height) % 256 };
  return sharp({ create: { width, height, channels: 3, background } })
    .jpeg()
    .toBuffer();
}

export async function brokenBytes(how: Broken, picture: Picture): Promise<Buffer> {
  switch (how) {
    case 'text':
      return Buffer.from('This is no picture. '.repeat(20));
    case 'empty':
      return Buffer.alloc(0);
    case 'cut-off':
      return cutOff({ width: picture.width + 600, height: picture.height + 600 });
    case 'pdf':
      return Buffer.from('%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n');
    case 'bomb':
      return declaredPng(60_000, 60_000);
  }
}

async function cutOff({ width, height }: Picture): Promise<Buffer> {
  const noise = Buffer.alloc(width * height * 3);
  for (let i = 0; i < noise.length; i += 1) noise[i] = (i * 2_654_435_761) >>> 24;
  const whole = await sharp(noise, { raw: { width, height, channels: 3 } })
    .jpeg()
    .toBuffer();
  return whole.subarray(0, Math.floor(whole.length / 3));
}

/** A PNG whose header declares more pixels than any machine should decode. */
async function declaredPng(width: number, height: number): Promise<Buffer> {
  const small = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#000' } })
    .png()
    .toBuffer();
  const { crc32 } = await import('node:zlib');
  small.writeUInt32BE(width, 16);
  small.writeUInt32BE(height, 20);
  small.writeUInt32BE(crc32(small.subarray(12, 29)), 29);
  return small;
}
