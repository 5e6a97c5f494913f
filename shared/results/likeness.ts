import { createHash } from 'node:crypto';

/** What a prepared picture looks like, as resize-image finds it for profiles that ask for look-alikes. */
export interface Likeness {
  /** 256 bits as hex: the signs of the lowest frequencies of its brightness. */
  hash: string;
  /** Mean red, green and blue of 8 x 8 parts, a byte each, as hex. */
  colors: string;
  /** Pieces of the hash by which a database finds candidates. */
  bands: string[];
}

const BITS = 256;
/** Two pictures with at most 14 different bits share one of 15 pieces at least: `LEAST_SIMILARITY` is within that. */
const BANDS = 15;
const HOUR_MS = 3_600_000;

/** Whose look-alikes are looked for, and for how long. */
export interface LikenessScope {
  profile: string;
  uploader: string | null;
  cacheTtlHours: number;
}

/**
 * Pieces of the hash, each with its number, whose pictures it is of and the period of `cacheTtlHours` that it was made in:
 * nothing is found of others, nor of so long ago that it is of no use. Neighboring frequencies go into different pieces,
 * so that none is left with the faint ones alone.
 */
export function bandsOf(hash: string, scope: LikenessScope, atMs: number): string[] {
  const { profile, uploader, cacheTtlHours } = scope;
  const period = Math.floor(atMs / (cacheTtlHours * HOUR_MS));
  const owner = createHash('sha256')
    .update(JSON.stringify([profile, uploader, period]))
    .digest('hex')
    .slice(0, 16);
  const bytes = Buffer.from(hash, 'hex');
  const bitOf = (i: number): number => ((bytes[i >> 3] ?? 0) >> (7 - (i & 7))) & 1;
  return Array.from({ length: BANDS }, (_, band) => {
    let piece = 0;
    for (let i = band; i < BITS; i += BANDS) piece = piece * 2 + bitOf(i);
    return `${owner} ${band} ${piece.toString(16)}`;
  });
}

/** Those of this period and the one before: 30, as many as one query takes. */
export const bandsToFind = (hash: string, scope: LikenessScope, nowMs: number): string[] => [
  ...bandsOf(hash, scope, nowMs),
  ...bandsOf(hash, scope, nowMs - scope.cacheTtlHours * HOUR_MS),
];

/** Share of equal bits, 0 to 1: 0.5 is chance. */
function similarityOf(a: Pick<Likeness, 'hash'>, b: Pick<Likeness, 'hash'>): number {
  const [left, right] = [Buffer.from(a.hash, 'hex'), Buffer.from(b.hash, 'hex')];
  let different = 0;
  for (const [i, byte] of left.entries()) different += onesOf(byte ^ (right[i] ?? 0));
  return 1 - different / BITS;
}

function onesOf(byte: number): number {
  let ones = 0;
  for (let left = byte; left > 0; left >>= 1) ones += left & 1;
  return ones;
}

/** The largest distance of the colors of a part, 0 to 441. */
function colorDistance(a: Pick<Likeness, 'colors'>, b: Pick<Likeness, 'colors'>): number {
  const [left, right] = [Buffer.from(a.colors, 'hex'), Buffer.from(b.colors, 'hex')];
  const apart = (i: number): number => (left[i] ?? 0) - (right[i] ?? 0);
  let largest = 0;
  for (let i = 0; i < left.length; i += 3)
    largest = Math.max(largest, Math.hypot(apart(i), apart(i + 1), apart(i + 2)));
  return largest;
}

/** Saving a picture again changes a part by 20 at most, a thing on a fiftieth of the picture by 28 at least. */
const MOST_COLOR = 24;
/** Share of width by height; a crop that cannot be seen in the hash can be seen here. */
const MOST_ASPECT = 0.01;
/** The answer of a picture with much fewer pixels says less than this one shows. */
const LEAST_SIZE = 0.8;

interface Looks {
  width: number;
  height: number;
  likeness?: Likeness | undefined;
}

/**
 * How much a prepared picture looks like one that was asked, 0 to 1; 0 where shape or colors are not the same, or the
 * other one is much smaller.
 */
export function lookAlike(own: Looks, asked: Looks): number {
  if (!own.likeness || !asked.likeness || asked.width < LEAST_SIZE * own.width) return 0;
  const [left, right] = [own.width / own.height, asked.width / asked.height];
  if (Math.abs(left - right) > MOST_ASPECT * Math.max(left, right)) return 0;
  if (colorDistance(own.likeness, asked.likeness) > MOST_COLOR) return 0;
  return similarityOf(own.likeness, asked.likeness);
}
