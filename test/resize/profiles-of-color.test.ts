import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { isSrgb } from '../../functions/resize-image/picture/icc.ts';

type Primaries = readonly [r: number[], g: number[], b: number[]];

const SRGB: Primaries = [
  [0.4361, 0.2225, 0.0139],
  [0.3851, 0.7169, 0.0971],
  [0.1431, 0.0606, 0.7141],
];
const DISPLAY_P3: Primaries = [
  [0.5151, 0.2412, -0.0011],
  [0.292, 0.6922, 0.0419],
  [0.1571, 0.0666, 0.7841],
];

const fixed = (values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeInt32BE(Math.round(value * 65_536), 4 * i);
  return bytes;
};

const formula = (type: number, ...parameters: number[]): Buffer =>
  Buffer.concat([Buffer.from('para\0\0\0\0'), Buffer.of(0, type, 0, 0), fixed(parameters)]);

function table(entries: readonly number[]): Buffer {
  const bytes = Buffer.alloc(12 + 2 * entries.length);
  bytes.write('curv', 'latin1');
  bytes.writeUInt32BE(entries.length, 8);
  for (const [i, entry] of entries.entries()) bytes.writeUInt16BE(Math.round(entry), 12 + 2 * i);
  return bytes;
}

const srgbLight = (v: number): number => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const sampled = (count: number): Buffer =>
  table(Array.from({ length: count }, (_, i) => srgbLight(i / (count - 1)) * 65_535));
const PARAMETRIC = formula(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045);

/** A profile of three primaries and one curve; its name is nobody's business. */
function profile([r, g, b]: Primaries, curve: Buffer): Buffer {
  const xyz = (values: number[]) => Buffer.concat([Buffer.from('XYZ \0\0\0\0'), fixed(values)]);
  const tags = [
    ['rXYZ', xyz(r)],
    ['gXYZ', xyz(g)],
    ['bXYZ', xyz(b)],
    ['rTRC', curve],
    ['gTRC', curve],
    ['bTRC', curve],
  ] as const;
  const head = Buffer.alloc(132 + 12 * tags.length);
  head.write('RGB XYZ ', 16, 'latin1');
  head.write('acsp', 36, 'latin1');
  head.writeUInt32BE(tags.length, 128);
  let offset = head.length;
  for (const [i, [name, body]] of tags.entries()) {
    head.write(name, 132 + 12 * i, 'latin1');
    head.writeUInt32BE(offset, 136 + 12 * i);
    head.writeUInt32BE(body.length, 140 + 12 * i);
    offset += body.length;
  }
  return Buffer.concat([head, ...tags.map(([, body]) => body)]);
}

describe('a profile is taken for sRGB by its primaries and its curve', () => {
  it.each<[string, Buffer, boolean]>([
    ['as a formula', profile(SRGB, PARAMETRIC), true],
    [
      'as a formula of seven parameters',
      profile(SRGB, formula(4, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045, 0, 0)),
      true,
    ],
    ['as a table of 1,024', profile(SRGB, sampled(1024)), true],
    ['as a table of 64', profile(SRGB, sampled(64)), true],
    ['but not with a gamma of 2.2, which cameras call sRGB too', profile(SRGB, table([2.2 * 256])), false],
    ['nor with that as a formula', profile(SRGB, formula(0, 2.2)), false],
    ['nor when it is linear', profile(SRGB, table([])), false],
    ['nor with other primaries', profile(DISPLAY_P3, PARAMETRIC), false],
    ['nor with a curve that is cut off', profile(SRGB, PARAMETRIC.subarray(0, 20)), false],
    ['nor with a curve of an unknown kind', profile(SRGB, formula(9, 2.4)), false],
  ])('%s', (_name, bytes, expected) => {
    expect(isSrgb(bytes)).toBe(expected);
  });

  it.each([
    ['srgb', true],
    ['p3', false],
  ] as const)('that of libvips for %s', async (name, expected) => {
    const square = sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } });
    const { icc } = await sharp(await square.withIccProfile(name).png().toBuffer()).metadata();
    expect(icc && isSrgb(icc)).toBe(expected);
  });
});
