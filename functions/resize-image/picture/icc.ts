/** sRGB's primaries as every sRGB profile writes them: columns X, Y, Z relative to D50 (ICC.1:2022, IEC 61966-2-1). */
const SRGB_COLORANTS = {
  rXYZ: [0.436, 0.2225, 0.0139],
  gXYZ: [0.3851, 0.7169, 0.0971],
  bXYZ: [0.1431, 0.0606, 0.7141],
} as const;

/** Profiles round differently; Adobe RGB and Display P3 are at least ten times farther away. */
const COLORANT_TOLERANCE = 0.003;
/** Of the whole range: two and a half levels of 255. */
const CURVE_TOLERANCE = 0.01;
const CURVE_SAMPLES = [0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9];

/** Color space of the device side of a profile, e.g. `RGB`, `GRAY`, `CMYK`; undefined if this is no profile. */
export function profileSpace(profile: Buffer): string | undefined {
  if (profile.length < 132 || profile.toString('latin1', 36, 40) !== 'acsp') return undefined;
  return profile.toString('latin1', 16, 20).trim();
}

/**
 * Whether converting from this profile to sRGB would change nothing worth seeing: same primaries, same curve.
 * Names are no proof: cameras write "sRGB" on profiles with a gamma of 2.2, and phones write sRGB under other names.
 */
export function isSrgb(profile: Buffer): boolean {
  if (profileSpace(profile) !== 'RGB') return false;
  const tags = readTags(profile);
  if (tags.has('A2B0')) return false;
  const colorants = Object.entries(SRGB_COLORANTS).every(([name, expected]) => {
    const xyz = readXyz(tags.get(name));
    return (
      xyz !== undefined && expected.every((value, i) => Math.abs(value - (xyz[i] ?? 0)) < COLORANT_TOLERANCE)
    );
  });
  return colorants && ['rTRC', 'gTRC', 'bTRC'].every((name) => isSrgbCurve(tags.get(name)));
}

function readTags(profile: Buffer): Map<string, Buffer> {
  const tags = new Map<string, Buffer>();
  const count = Math.min(profile.readUInt32BE(128), 100);
  for (let at = 132; at + 12 <= profile.length && at < 132 + 12 * count; at += 12) {
    const offset = profile.readUInt32BE(at + 4);
    tags.set(
      profile.toString('latin1', at, at + 4),
      profile.subarray(offset, offset + profile.readUInt32BE(at + 8)),
    );
  }
  return tags;
}

const fixed = (tag: Buffer, at: number): number => tag.readInt32BE(at) / 65_536;

function readXyz(tag: Buffer | undefined): number[] | undefined {
  return tag === undefined || tag.length < 20 ? undefined : [fixed(tag, 8), fixed(tag, 12), fixed(tag, 16)];
}

const linearToSrgb = (v: number): number => (v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055);

/** Held against each other as sRGB numbers: as light, a gamma of 2.2 would pass, which is 7 levels of 255 off in the shadows. */
function isSrgbCurve(tag: Buffer | undefined): boolean {
  const curve = tag && readCurve(tag);
  return (
    curve !== undefined && CURVE_SAMPLES.every((v) => Math.abs(linearToSrgb(curve(v)) - v) < CURVE_TOLERANCE)
  );
}

type Curve = (v: number) => number;

/** From a device number to light, both 0 to 1 (ICC.1:2022, 10.6 and 10.18); undefined if the tag is neither form. */
function readCurve(tag: Buffer): Curve | undefined {
  if (tag.length < 12) return undefined;
  const type = tag.toString('latin1', 0, 4);
  if (type === 'curv') return readTable(tag);
  return type === 'para' ? readFormula(tag) : undefined;
}

/** No entry is a straight line, one is a gamma, more are a table. */
function readTable(tag: Buffer): Curve | undefined {
  const count = tag.readUInt32BE(8);
  if (tag.length < 12 + 2 * count) return undefined;
  if (count === 0) return (v) => v;
  if (count === 1) return (v) => v ** (tag.readUInt16BE(12) / 256);
  const last = count - 1;
  const entry = (i: number): number => tag.readUInt16BE(12 + 2 * Math.min(i, last)) / 65_535;
  return (v) => {
    const at = Math.floor(v * last);
    return entry(at) + (entry(at + 1) - entry(at)) * (v * last - at);
  };
}

/** Parameters of each type of parametric curve, in the order g a b c d e f. */
const PARAMETERS = [1, 3, 4, 5, 7];

function readFormula(tag: Buffer): Curve | undefined {
  const type = tag.readUInt16BE(8);
  const count = PARAMETERS[type];
  if (count === undefined || tag.length < 12 + 4 * count) return undefined;
  const [g = 1, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0] = Array.from({ length: count }, (_, i) =>
    fixed(tag, 12 + 4 * i),
  );
  const power: Curve = (v) => Math.max(0, a * v + b) ** g;
  switch (type) {
    case 0:
      return (v) => v ** g;
    case 1:
      return (v) => (v >= -b / a ? power(v) : 0);
    case 2:
      return (v) => (v >= -b / a ? power(v) + c : c);
    default:
      return (v) => (v >= d ? power(v) + e : c * v + f);
  }
}
