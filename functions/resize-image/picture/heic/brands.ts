import { unreadColors } from '../color-numbers/profile-of-colors.ts';
import { boxIn } from './boxes.ts';
import { mainItem } from './main-item.ts';
import { namedColors } from './named-colors.ts';

/** What a file that begins with `ftyp` is: a picture that can be decoded, or something to be refused by its name. */
type MediaFile = { format: 'heic' | 'avif' } | { refused: string; picture: boolean };

/** Brands of files that hold still pictures by the rules of HEIF; what the pictures are coded in, where they say so. */
const STILL_BRANDS: Readonly<Record<string, 'heic' | 'avif' | 'other'>> = {
  ...{ heic: 'heic', heix: 'heic', heim: 'heic', heis: 'heic', hevc: 'heic', hevx: 'heic' },
  // A generic brand alone means HEVC in practice.
  ...{ mif1: 'heic', mif2: 'heic', msf1: 'heic', miaf: 'other', mif3: 'other', unif: 'other' },
  ...{ avif: 'avif', avis: 'avif' },
  ...{ j2ki: 'other', j2is: 'other', avci: 'other', avcs: 'other', vvic: 'other', vvis: 'other' },
  ...{ evbi: 'other', evbs: 'other', jpeg: 'other', jpgs: 'other' },
};

/** Kinds of items (https://mp4ra.org/registered-types/item): what the decoders here read, and what they do not. */
const DECODED: Readonly<Record<string, 'heic' | 'avif'>> = { hvc1: 'heic', av01: 'avif' };
const CODINGS: Readonly<Record<string, string>> = {
  j2k1: 'JPEG 2000',
  avc1: 'AVC (H.264)',
  jpeg: 'JPEG',
  lhv1: 'layered HEVC',
  vvc1: 'VVC (H.266)',
  evc1: 'EVC',
  unci: 'uncompressed pixels',
  tili: 'tiles',
  mski: 'a mask',
};
const BRAND_CODINGS: Readonly<Record<string, string>> = {
  ...{ j2ki: 'JPEG 2000', j2is: 'JPEG 2000', avci: 'AVC (H.264)', avcs: 'AVC (H.264)', jpeg: 'JPEG' },
  ...{ jpgs: 'JPEG', vvic: 'VVC (H.266)', vvis: 'VVC (H.266)', evbi: 'EVC', evbs: 'EVC' },
};

const OTHERS: readonly [pattern: RegExp, name: string, picture: boolean][] = [
  [/^crx $/, 'a Canon raw photo', true],
  [/^qt {2}$/, 'a QuickTime video', true],
  [/^(3gp|3ge|3gg|3gs|3g2)/, 'a 3GPP video', true],
  [/^(M4A|M4B|F4A|F4B)/, 'an MPEG-4 sound', false],
  [/^(iso.|mp4.|avc1|av01|dash|msnv|MSNV|M4V.?|f4v|F4V|cmfc|XAVC)/, 'an MP4 video', true],
  [/^(jp2|jpx|jpm|mjp2|mj2s)/, 'a JPEG 2000 picture', true],
];

/**
 * HEIC, AVIF and their relatives share a container with videos: the brands tell these apart, and the coding of the main
 * picture decides which decoder it needs.
 */
export function readMediaFile(bytes: Buffer): MediaFile {
  const brands = brandsOf(bytes);
  const [major = ''] = brands;
  const other = OTHERS.find(([pattern]) => pattern.test(major));
  const stills = brands.map((brand) => STILL_BRANDS[brand]).filter((kind) => kind !== undefined);
  if (stills.length === 0 || other?.[1] === 'a Canon raw photo') {
    const [, name, picture] = other ?? [/./, 'a video or other media file', true];
    return { refused: `${name} (${printable(major)})`, picture };
  }
  return readStill(bytes, brands, stills.includes('avif') ? 'avif' : stills.find((it) => it !== 'other'));
}

function readStill(bytes: Buffer, brands: string[], byBrand: 'heic' | 'avif' | undefined): MediaFile {
  const refused = (name: string): MediaFile => ({ refused: name, picture: true });
  const coding = mainItem(bytes)?.coding ?? '';
  const decoded = DECODED[coding];
  if (decoded) {
    const colors = namedColors(bytes);
    const unread = colors && unreadColors(colors);
    return unread ? refused(`a picture ${unread}`) : { format: decoded };
  }
  if (CODINGS[coding] !== undefined) return refused(`a HEIF picture coded as ${CODINGS[coding]}`);
  const top = (type: string) => boxIn(bytes, type, 0, bytes.length) !== undefined;
  if (!top('meta')) {
    if (top('mini') || brands[0] === 'mif3')
      return refused('a HEIF picture with the minimized header (mif3)');
    if (top('moov'))
      return refused(`an image sequence without a still picture (${printable(brands[0] ?? '')})`);
  }
  // Cut off or damaged: the decoder says so.
  if (byBrand) return { format: byBrand };
  const coded = brands.map((brand) => BRAND_CODINGS[brand]).find((name) => name !== undefined);
  return refused(
    coded ? `a HEIF picture coded as ${coded}` : `a HEIF picture (${brands.map(printable).join(', ')})`,
  );
}

/** The major brand and the compatible ones. */
function brandsOf(bytes: Buffer): string[] {
  const end = Math.min(bytes.readUInt32BE(0), bytes.length, 512);
  const brands = [bytes.toString('latin1', 8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(bytes.toString('latin1', at, at + 4));
  return brands;
}

const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').trim();

/**
 * With `avif` as its major brand: libvips knows a file by that one alone and turns away animated pictures (`avis`), whose
 * first frame is a still picture like any other.
 */
export function asStillAvif(bytes: Buffer): Buffer {
  if (bytes.toString('latin1', 8, 12) === 'avif') return bytes;
  const still = Buffer.from(bytes);
  still.write('avif', 8, 'latin1');
  return still;
}
