import { inverse, type Matrix, type Rgb, times } from './linear-rgb.ts';

/** x and y of red, green and blue. */
type Chromaticities = readonly [[number, number], [number, number], [number, number]];

const BT_709 = 1;
const P3: Chromaticities = [
  [0.68, 0.32],
  [0.265, 0.69],
  [0.15, 0.06],
];
const BT_601_525: Chromaticities = [
  [0.63, 0.34],
  [0.31, 0.595],
  [0.155, 0.07],
];

/**
 * ITU-T H.273, table 2, by number, as far as their white is D65; that of cinemas (11) is bluer, but eyes and browsers adapt
 * to it.
 */
const PRIMARIES: Readonly<Record<number, Chromaticities>> = {
  [BT_709]: [
    [0.64, 0.33],
    [0.3, 0.6],
    [0.15, 0.06],
  ],
  5: [
    [0.64, 0.33],
    [0.29, 0.6],
    [0.15, 0.06],
  ],
  ...{ 6: BT_601_525, 7: BT_601_525 },
  9: [
    [0.708, 0.292],
    [0.17, 0.797],
    [0.131, 0.046],
  ],
  ...{ 11: P3, 12: P3 },
  22: [
    [0.63, 0.34],
    [0.295, 0.605],
    [0.155, 0.077],
  ],
};

const D65: Rgb = [0.3127 / 0.329, 1, (1 - 0.3127 - 0.329) / 0.329];

/** What light in some primaries is in those of sRGB, and how bright it is. */
interface Gamut {
  toSrgb: Matrix;
  /** Share of each channel in the luminance. */
  luminance: Rgb;
}

/** Undefined for numbers that are reserved or of other whites. */
export function gamutOf(primaries: number): Gamut | undefined {
  const [own, srgb] = [PRIMARIES[primaries], PRIMARIES[BT_709]];
  if (!own || !srgb) return undefined;
  const toXyz = xyzOf(own);
  const [r, g, b] = toXyz;
  const back = inverse(xyzOf(srgb));
  const column = (i: 0 | 1 | 2): Rgb => times(back, [r[i], g[i], b[i]]);
  const [x, y, z] = [column(0), column(1), column(2)];
  return {
    toSrgb: [
      [x[0], y[0], z[0]],
      [x[1], y[1], z[1]],
      [x[2], y[2], z[2]],
    ],
    luminance: toXyz[1],
  };
}

/** From light in these primaries to X, Y, Z, so that equal channels are D65. */
function xyzOf([red, green, blue]: Chromaticities): Matrix {
  const column = ([x, y]: [number, number]): Rgb => [x / y, 1, (1 - x - y) / y];
  const [r, g, b] = [column(red), column(green), column(blue)];
  const unscaled: Matrix = [
    [r[0], g[0], b[0]],
    [r[1], g[1], b[1]],
    [r[2], g[2], b[2]],
  ];
  const [sr, sg, sb] = times(inverse(unscaled), D65);
  const scaled = ([x, y, z]: Rgb): Rgb => [x * sr, y * sg, z * sb];
  return [scaled(unscaled[0]), scaled(unscaled[1]), scaled(unscaled[2])];
}
