import type { Directory } from './directory.ts';

/** Tags of TIFF 6.0 that say how pixels are stored. */
const BITS_PER_SAMPLE = 258;
const COMPRESSION = 259;
const PHOTOMETRIC = 262;
const SAMPLES_PER_PIXEL = 277;
const PLANAR_CONFIGURATION = 284;
const TILE_WIDTH = 322;
const INK_SET = 332;
const SAMPLE_FORMAT = 339;
const YCBCR_SUBSAMPLING = 530;

/** What the libtiff in sharp 0.35.5 reads (8.18.7 of libvips): none, fax, LZW, JPEG, Deflate, NeXT, PackBits, LogLuv, WebP. */
const READ_COMPRESSIONS = new Set([
  1, 2, 3, 4, 5, 7, 8, 32_766, 32_771, 32_773, 32_809, 32_946, 34_676, 34_677, 50_001,
]);
/** Names of others (https://www.awaresystems.be/imaging/tiff/tifftags/compression.html; libtiff's tiff.h). */
const COMPRESSIONS: Readonly<Record<number, string>> = {
  ...{ 6: 'old-style JPEG', 9: 'JBIG', 10: 'JBIG', 34661: 'JBIG', 32909: 'PixarLog', 34887: 'LERC' },
  ...{ 34712: 'JPEG 2000', 33003: 'JPEG 2000', 33005: 'JPEG 2000', 34925: 'LZMA', 50000: 'Zstandard' },
  ...{ 34933: 'PNG', 34934: 'JPEG XR', 22610: 'JPEG XR', 50002: 'JPEG XL', 52546: 'JPEG XL' },
};
const JPEG = 7;

/** Kinds of color. */
const [GRAY_WHITE_IS_ZERO, GRAY, RGB, PALETTE, SEPARATED, YCBCR, CIE_LAB, LOG_LUV] = [
  0, 1, 2, 3, 5, 6, 8, 32_845,
];
const COLORS: Readonly<Record<number, string>> = {
  ...{ 4: 'a transparency mask', 9: 'ICC Lab colors', 10: 'ITU Lab colors', 51177: 'a depth map' },
  ...{ 32803: 'the raw mosaic of a sensor', 32844: 'logarithmic gray', 34892: 'linear raw colors' },
};
const COMPLEX_FORMATS = new Set([5, 6]);

/** What a directory says of the pixels, with the defaults of TIFF 6.0. */
interface Stored {
  compression: number;
  color: number;
  bits: readonly number[];
  samples: number;
  isTiled: boolean;
  hasPlanes: boolean;
  isComplex: boolean;
  isCmyk: boolean;
  isSubsampled: boolean;
}

/**
 * What a TIFF of a kind is called that libvips cannot decode, or decodes to wrong colors; undefined for all others. They
 * are refused by that name, since "damaged" would be wrong: other programs show them.
 */
export function undecodableKind(directory: Directory): string | undefined {
  const stored = storedAs(directory);
  return stored && (unreadCompression(stored) ?? unreadColor(stored) ?? unreadLayout(stored));
}

function storedAs({ fields }: Directory): Stored | undefined {
  const numbers = (tag: number) => fields.find((field) => field.tag === tag)?.numbers;
  const first = (tag: number, byDefault: number) => numbers(tag)?.[0] ?? byDefault;
  const color = numbers(PHOTOMETRIC)?.[0];
  // A field that is cut off would count as absent: the decoder says what is missing.
  if (color === undefined || fields.some(({ isWhole }) => !isWhole)) return undefined;
  return {
    compression: first(COMPRESSION, 1),
    color,
    bits: numbers(BITS_PER_SAMPLE) ?? [1],
    samples: first(SAMPLES_PER_PIXEL, 1),
    isTiled: numbers(TILE_WIDTH) !== undefined,
    hasPlanes: first(PLANAR_CONFIGURATION, 1) === 2,
    isComplex: COMPLEX_FORMATS.has(first(SAMPLE_FORMAT, 1)),
    isCmyk: first(INK_SET, 1) === 1,
    isSubsampled: (numbers(YCBCR_SUBSAMPLING) ?? [2, 2]).some((factor) => factor !== 1),
  };
}

function unreadCompression({ compression }: Stored): string | undefined {
  if (READ_COMPRESSIONS.has(compression)) return undefined;
  return `compressed with ${COMPRESSIONS[compression] ?? `method ${compression}`}`;
}

function unreadLayout({ isTiled, hasPlanes, samples, isComplex, bits, color }: Stored): string | undefined {
  if (isTiled && hasPlanes && samples > 1) return 'in tiles of separate planes';
  if (isComplex) return 'of complex numbers';
  const [first = 1] = bits;
  const isWhole = [8, 16, 32].includes(first);
  const isPacked =
    [1, 2, 4].includes(first) && samples === 1 && [GRAY, GRAY_WHITE_IS_ZERO, PALETTE].includes(color);
  if (bits.some((it) => it !== first) || !(isWhole || isPacked))
    return `with samples of ${[...new Set(bits)].join(', ')} bits`;
  return undefined;
}

function unreadColor({
  color,
  samples,
  compression,
  isCmyk,
  isSubsampled,
  bits,
}: Stored): string | undefined {
  const channels = (least: number, most: number) =>
    samples < least || samples > most ? `with ${samples} channels` : undefined;
  switch (color) {
    case GRAY:
    case GRAY_WHITE_IS_ZERO:
    case PALETTE:
      return channels(1, 2);
    case RGB:
      return channels(3, 4);
    case SEPARATED:
      return isCmyk ? channels(4, 5) : 'in other inks than CMYK';
    case YCBCR:
      // Decoded as if it were RGB.
      return compression === JPEG || isSubsampled ? channels(3, 3) : 'in YCbCr colors without JPEG';
    case CIE_LAB:
      // With 8 bits it is refused, with a fourth channel its transparency is lost.
      return bits[0] === 8 ? 'in CIE Lab colors of 8 bits' : channels(3, 3);
    case LOG_LUV:
      return undefined;
    default:
      return `with ${COLORS[color] ?? `colors of kind ${color}`}`;
  }
}
