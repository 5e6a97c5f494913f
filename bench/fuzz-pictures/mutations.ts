import { seededRandom } from '../../shared/base/seeded-random.ts';
import type { Seed } from './seeds.ts';

/** A picture that was made unsound. */
export interface Mutant {
  /** Of what, how and which: enough to make it again. */
  name: string;
  bytes: Buffer;
  /** Whether its end is missing: no picture may come of it. */
  isCutOff: boolean;
}

interface Random {
  /** A whole number from 0 up to but without `end`. */
  below: (end: number) => number;
}

type Mutate = (bytes: Buffer, random: Random, others: readonly Seed[]) => Buffer;

/** Numbers at which sizes, counts and places go wrong. */
const EDGES = [
  0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
];
/** Where a file's structure mostly is. */
const HEAD_BYTES = 512;

const placeIn = (bytes: Buffer, { below }: Random): number =>
  below(below(2) === 0 ? Math.min(bytes.length, HEAD_BYTES) : bytes.length);

function flipBits(bytes: Buffer, random: Random): Buffer {
  const made = Buffer.from(bytes);
  for (let left = 1 + random.below(8); left > 0; left -= 1) {
    const at = placeIn(made, random);
    made[at] = (made[at] ?? 0) ^ (1 << random.below(8));
  }
  return made;
}

function overwrite(bytes: Buffer, random: Random): Buffer {
  const made = Buffer.from(bytes);
  const at = placeIn(made, random);
  const fill = [0x00, 0xff, undefined][random.below(3)];
  const end = Math.min(made.length, at + 1 + random.below(64));
  for (let i = at; i < end; i += 1) made[i] = fill ?? random.below(256);
  return made;
}

function writeEdge(bytes: Buffer, random: Random): Buffer {
  const made = Buffer.from(bytes);
  const size = [1, 2, 4][random.below(3)] ?? 4;
  const at = Math.min(placeIn(made, random), made.length - size);
  const edge = (EDGES[random.below(EDGES.length)] ?? 0) % 2 ** (8 * size);
  if (random.below(2) === 0) made.writeUIntBE(edge, at, size);
  else made.writeUIntLE(edge, at, size);
  return made;
}

function remove(bytes: Buffer, random: Random): Buffer {
  const at = placeIn(bytes, random);
  const end = Math.min(bytes.length, at + 1 + random.below(256));
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
}

function repeat(bytes: Buffer, random: Random): Buffer {
  const at = placeIn(bytes, random);
  const part = bytes.subarray(at, at + 1 + random.below(256));
  const times = 1 + random.below(16);
  return Buffer.concat([bytes.subarray(0, at), ...new Array<Buffer>(times).fill(part), bytes.subarray(at)]);
}

/** The beginning of one picture and the end of another. */
function splice(bytes: Buffer, random: Random, others: readonly Seed[]): Buffer {
  const other = others[random.below(others.length)]?.bytes ?? bytes;
  return Buffer.concat([
    bytes.subarray(0, placeIn(bytes, random)),
    other.subarray(random.below(other.length)),
  ]);
}

/** Half of the cuts fall anywhere, half into the last bytes, where one is most easily overlooked. */
function cut(bytes: Buffer, random: Random): Buffer {
  const missing = 1 + random.below(random.below(2) === 0 ? bytes.length : Math.min(bytes.length, 32));
  return bytes.subarray(0, bytes.length - missing);
}

const MUTATIONS: Readonly<Record<string, Mutate>> = {
  cut,
  'flipped bits': flipBits,
  overwritten: overwrite,
  'an edge number': writeEdge,
  'a part removed': remove,
  'a part repeated': repeat,
  spliced: splice,
};

/** The same one for the same seeds and number; each kind of picture meets each mutation in turn. */
export function mutantOf(seeds: readonly Seed[], number: number): Mutant {
  const below = (
    (source) => (end: number) =>
      Math.floor(source() * end)
  )(seededRandom(number));
  const seed = seeds[number % seeds.length];
  const kinds = Object.keys(MUTATIONS);
  const kind = kinds[Math.floor(number / seeds.length) % kinds.length] ?? 'cut';
  const mutate = MUTATIONS[kind];
  if (!seed || !mutate) throw new RangeError('There is nothing to mutate.');
  const bytes = mutate(seed.bytes, { below }, seeds);
  return { name: `${seed.name}, ${kind} (${number})`, bytes, isCutOff: kind === 'cut' };
}
