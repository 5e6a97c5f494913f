/** How a coded value (0 to 1) becomes light. */
export type Transfer =
  /** 1 is the white of the screen. */
  | { kind: 'screen'; toLight: (value: number) => number }
  /** `toLight` gives cd/m² (PQ). */
  | { kind: 'absolute'; toLight: (value: number) => number }
  /** `toLight` gives the light of the scene, 0 to 1 (HLG). */
  | { kind: 'scene'; toLight: (value: number) => number };

const srgbToLight = (v: number): number => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);

/** SMPTE ST 2084: perceptual quantizer. */
function pqToLight(v: number): number {
  const [m1, m2, c1, c2, c3] = [2610 / 16_384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128];
  const e = v ** (1 / m2);
  return 10_000 * (Math.max(0, e - c1) / (c2 - c3 * e)) ** (1 / m1);
}

/** ARIB STD-B67: hybrid log-gamma. */
function hlgToLight(v: number): number {
  const [a, b, c] = [0.17883277, 0.28466892, 0.55991073];
  return v <= 0.5 ? (v * v) / 3 : (Math.exp((v - c) / a) + b) / 12;
}

const screen = (toLight: (value: number) => number): Transfer => ({ kind: 'screen', toLight });
/** The curves of television are watched on screens of about sRGB's, which is how ordinary AVIFs are read, too. */
const SRGB = screen(srgbToLight);

/** ITU-T H.273, table 3, by number; the logarithmic ones (9, 10) and the reserved ones are missing. */
const TRANSFERS: Readonly<Record<number, Transfer>> = {
  ...{ 1: SRGB, 2: SRGB, 6: SRGB, 7: SRGB, 11: SRGB, 12: SRGB, 13: SRGB, 14: SRGB, 15: SRGB },
  4: screen((v) => v ** 2.2),
  5: screen((v) => v ** 2.8),
  8: screen((v) => v),
  16: { kind: 'absolute', toLight: pqToLight },
  17: screen((v) => Math.min(1, (52.37 / 48) * v ** 2.6)),
  18: { kind: 'scene', toLight: hlgToLight },
};

export const transferOf = (number: number): Transfer | undefined => TRANSFERS[number];
export const isSrgbTransfer = (number: number): boolean => TRANSFERS[number] === SRGB;
