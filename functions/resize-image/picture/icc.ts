/** sRGB's primaries as every sRGB profile writes them: columns X, Y, Z relative to D50 (ICC.1:2022, IEC 61966-2-1). */
const SRGB_COLORANTS = {
  rXYZ: [0.436, 0.2225, 0.0139],
  gXYZ: [0.3851, 0.7169, 0.0971],
  bXYZ: [0.1431, 0.0606, 0.7141],
} as const;

/** Profiles round differently; Adobe RGB and Display P3 are at least ten times farther away. */
const COLORANT_TOLERANCE = 0.003;
const CURVE_TOLERANCE = 0.01;
const CURVE_SAMPLES = [0.1, 0.25, 0.5, 0.75, 0.9];

/** Color space of the device side of a profile, e.g. `RGB`, `GRAY`, `CMYK`; undefined if this is no profile. */
export function profileSpace(profile: Buffer): string | undefined {
  if (profile.length < 132 || profile.toString('latin1', 36, 40) !== 'acsp') return undefined;
  return profile.toString('latin1', 16, 20).trim();
}

/**
 * Whether converting from this profile to sRGB would change nothing worth seeing: same primaries, same curve.
 * Names are no proof: cameras write "sRGB" on other profiles, and phones write sRGB under other names.
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

const srgbToLinear = (v: number): number => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);

function isSrgbCurve(tag: Buffer | undefined): boolean {
  const curve = tag && readCurve(tag);
  return (
    curve !== undefined && CURVE_SAMPLES.every((v) => Math.abs(curve(v) - srgbToLinear(v)) < CURVE_TOLERANCE)
  );
}

/** A `curv` table of at least two entries or a `para` curve of type 3 (sRGB's shape); others are not sRGB's. */
function readCurve(tag: Buffer): ((v: number) => number) | undefined {
  if (tag.length < 12) return undefined;
  const type = tag.toString('latin1', 0, 4);
  if (type === 'curv') return readTable(tag);
  if (type !== 'para' || tag.readUInt16BE(8) !== 3 || tag.length < 32) return undefined;
  const [g = 0, a = 0, b = 0, c = 0, d = 0] = [12, 16, 20, 24, 28].map((at) => fixed(tag, at));
  return (v) => (v >= d ? (a * v + b) ** g : c * v);
}

function readTable(tag: Buffer): ((v: number) => number) | undefined {
  const last = tag.readUInt32BE(8) - 1;
  if (last < 1 || tag.length < 12 + 2 * (last + 1)) return undefined;
  return (v) => tag.readUInt16BE(12 + 2 * Math.round(v * last)) / 65_535;
}
