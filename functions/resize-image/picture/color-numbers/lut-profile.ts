import { type Matrix, type Rgb, times } from './linear-rgb.ts';

/** Nodes along each channel: between them colors lie on straight lines, which is within 0.5 (ΔE76) of the truth nearly everywhere. */
const NODES = 33;
const INPUT_ENTRIES = 4096;
const MAX = 0xffff;

/** From light in sRGB's primaries to X, Y, Z under the light that profiles are relative to (D50, adapted by Bradford). */
const SRGB_TO_D50: Matrix = [
  [0.4360747, 0.3850649, 0.1430804],
  [0.2225045, 0.7168786, 0.0606169],
  [0.0139322, 0.0971045, 0.7141733],
];
const D50: Rgb = [0.9642, 1, 0.8249];

interface Conversion {
  /** What each channel is before anything else, 0 to 1. */
  channel: (value: number) => number;
  /** Light in sRGB's primaries, 0 to 1, of such channels. */
  toLight: (channels: Rgb) => Rgb;
}

/** An ICC profile of any conversion (ICC.1:2001-04, 6.5.7: a table in three dimensions), to be applied like a camera's. */
export function lutProfile({ channel, toLight }: Conversion): Buffer {
  const table = Buffer.concat([
    tableHead(),
    ...[0, 1, 2].map(() => numbers(INPUT_ENTRIES, (i) => channel(i / (INPUT_ENTRIES - 1)) * MAX)),
    colors(toLight),
    ...[0, 1, 2].map(() => numbers(2, (i) => i * MAX)),
  ]);
  return Buffer.concat([header(144 + table.length), tagTable(table.length), table]);
}

function header(size: number): Buffer {
  const head = Buffer.alloc(128);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(0x0240_0000, 8); // version 2.4
  head.write('scnrRGB Lab ', 12, 'latin1');
  head.write('acsp', 36, 'latin1');
  D50.forEach((value, i) => {
    head.writeInt32BE(Math.round(value * 65_536), 68 + 4 * i);
  });
  return head;
}

function tagTable(bytes: number): Buffer {
  const tags = Buffer.alloc(16);
  tags.writeUInt32BE(1, 0);
  tags.write('A2B0', 4, 'latin1');
  tags.writeUInt32BE(144, 8);
  tags.writeUInt32BE(bytes, 12);
  return tags;
}

function tableHead(): Buffer {
  const head = Buffer.alloc(52);
  head.write('mft2', 0, 'latin1');
  head.set([3, 3, NODES], 8);
  for (const i of [0, 4, 8]) head.writeInt32BE(65_536, 12 + 4 * i); // no matrix
  head.writeUInt16BE(INPUT_ENTRIES, 48);
  head.writeUInt16BE(2, 50);
  return head;
}

function numbers(count: number, at: (i: number) => number): Buffer {
  const data = Buffer.alloc(2 * count);
  for (let i = 0; i < count; i += 1) data.writeUInt16BE(Math.round(at(i)), 2 * i);
  return data;
}

/** All nodes as L*, a*, b*; the last channel changes first. */
function colors(toLight: Conversion['toLight']): Buffer {
  const data = Buffer.alloc(6 * NODES ** 3);
  const at = (i: number) => i / (NODES - 1);
  let to = 0;
  for (let r = 0; r < NODES; r += 1) {
    for (let g = 0; g < NODES; g += 1) {
      for (let b = 0; b < NODES; b += 1) {
        for (const value of encodedLab(toLight([at(r), at(g), at(b)]))) to = data.writeUInt16BE(value, to);
      }
    }
  }
  return data;
}

function encodedLab(light: Rgb): number[] {
  const xyz = times(SRGB_TO_D50, light);
  const root = (i: 0 | 1 | 2) => {
    const share = xyz[i] / D50[i];
    return share > 216 / 24_389 ? Math.cbrt(share) : (841 / 108) * share + 4 / 29;
  };
  const [x, y, z] = [root(0), root(1), root(2)];
  const [l, a, b] = [116 * y - 16, 500 * (x - y), 200 * (y - z)];
  return [(l / 100) * 0xff00, (a + 128) * 256, (b + 128) * 256].map((value) =>
    Math.min(MAX, Math.max(0, Math.round(value))),
  );
}
