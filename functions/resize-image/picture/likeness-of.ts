import { bandsOf, type Likeness, type LikenessScope } from '../../../shared/results/likeness.ts';
import { sharp } from './engine.ts';

/** The picture is looked at in this many columns and rows. */
const SIDE = 64;
/** Its lowest frequencies, without the mean: as many as there are bits. */
const FREQUENCIES = lowest(256);
/** Colors are kept for so many columns and rows. */
const CELLS = 8;
/** Below this standard deviation of the brightness (0 to 255) there is no structure to compare: bits would be noise. */
const LEAST_STRUCTURE = 6;

/**
 * What a prepared picture looks like, for copies of it to be found: the signs of its lowest frequencies (a discrete cosine
 * transform of its brightness, as in pHash) and the color of each part. Undefined for a picture that is all but plain.
 */
export async function likenessOf(jpeg: Buffer, scope: LikenessScope): Promise<Likeness | undefined> {
  const rgb = await sharp(jpeg)
    .resize(SIDE, SIDE, { fit: 'fill', kernel: 'lanczos3' })
    .toColorspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer();
  const brightness = new Float64Array(SIDE * SIDE);
  for (let i = 0; i < brightness.length; i += 1) brightness[i] = lumaOf(rgb, i);
  if (deviationOf(brightness) < LEAST_STRUCTURE) return undefined;
  const hash = bitsOf(brightness);
  return { hash, colors: colorsOf(rgb), bands: bandsOf(hash, scope, Date.now()) };
}

/** ITU-R BT.601, as in JPEG. */
const lumaOf = (rgb: Buffer, i: number): number =>
  0.299 * (rgb[i * 3] ?? 0) + 0.587 * (rgb[i * 3 + 1] ?? 0) + 0.114 * (rgb[i * 3 + 2] ?? 0);

function deviationOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

/** The pairs of frequencies (across, down) with the smallest sums, of equal sums the smaller across first. */
function lowest(count: number): readonly (readonly [number, number])[] {
  const pairs: [number, number][] = [];
  for (let sum = 1; pairs.length < count; sum += 1)
    for (let across = 0; across <= sum && pairs.length < count; across += 1)
      pairs.push([across, sum - across]);
  return pairs;
}

/** cos((2x + 1) f π / 2n) for each frequency and place. */
const WAVES = Array.from({ length: SIDE }, (_, frequency) =>
  Float64Array.from({ length: SIDE }, (_, x) => Math.cos(((2 * x + 1) * frequency * Math.PI) / (2 * SIDE))),
);

/** The signs of the coefficients, as hex. */
function bitsOf(values: Float64Array): string {
  const most = Math.max(...FREQUENCIES.flat());
  const rows = Array.from({ length: most + 1 }, (_, across) =>
    Float64Array.from({ length: SIDE }, (_, y) => {
      let sum = 0;
      for (let x = 0; x < SIDE; x += 1) sum += (values[y * SIDE + x] ?? 0) * (WAVES[across]?.[x] ?? 0);
      return sum;
    }),
  );
  const bits = FREQUENCIES.map(([across, down]) => {
    let sum = 0;
    for (let y = 0; y < SIDE; y += 1) sum += (rows[across]?.[y] ?? 0) * (WAVES[down]?.[y] ?? 0);
    return sum > 0 ? 1 : 0;
  });
  const bytes = Buffer.alloc(bits.length / 8);
  for (const [i, bit] of bits.entries()) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (bit << (7 - (i & 7)));
  return bytes.toString('hex');
}

/** The mean color of each part, red, green and blue, as hex. */
function colorsOf(rgb: Buffer): string {
  const size = SIDE / CELLS;
  const sums = new Float64Array(CELLS * CELLS * 3);
  for (let y = 0; y < SIDE; y += 1)
    for (let x = 0; x < SIDE; x += 1)
      for (let channel = 0; channel < 3; channel += 1) {
        const cell = (Math.floor(y / size) * CELLS + Math.floor(x / size)) * 3 + channel;
        sums[cell] = (sums[cell] ?? 0) + (rgb[(y * SIDE + x) * 3 + channel] ?? 0);
      }
  return Buffer.from(sums.map((sum) => Math.round(sum / size ** 2))).toString('hex');
}
