import { isUtf8 } from 'node:buffer';
import { PipelineError } from '../../../shared/base/errors/pipeline-error.ts';
import { corrupt, tooManyPixels } from './decode-failure.ts';
import { sharp } from './engine.ts';
import type { Format } from './format.ts';
import { readMediaFile } from './heic/brands.ts';
import { isSrgb, profileSpace } from './icc.ts';
import { looksLikeSvg } from './svg/prolog.ts';
import { refusedKind } from './tiff/refused-kind.ts';

const ACCEPTED = 'JPEG, PNG, WebP, GIF, AVIF, HEIC, TIFF and SVG are accepted';

interface Signature {
  magic: string;
  offset?: number;
  /** What stands at the very start as well, where `magic` alone is too common. */
  also?: string;
  name: string;
  picture: boolean;
}

/** Bytes at the start that name a kind of file which is not accepted; `picture` tells the two refusals apart. */
const REFUSED: readonly Signature[] = [
  { magic: '\0\0\0\0', offset: 6, also: 'BM', name: 'a BMP picture', picture: true },
  { magic: '\0\0\x01\0', name: 'a Windows icon', picture: true },
  { magic: '\xff\x0a', name: 'a JPEG XL picture', picture: true },
  { magic: '\0\0\0\x0cJXL ', name: 'a JPEG XL picture', picture: true },
  { magic: '\0\0\0\x0cjP  ', name: 'a JPEG 2000 picture', picture: true },
  { magic: '\xff\x4f\xff\x51', name: 'a JPEG 2000 picture', picture: true },
  { magic: '8BPS', name: 'a Photoshop document', picture: true },
  { magic: '%PDF-', name: 'a PDF document', picture: true },
  { magic: '%!PS', name: 'a PostScript document', picture: true },
  { magic: '\x76\x2f\x31\x01', name: 'an OpenEXR picture', picture: true },
  { magic: '#?RADIANCE', name: 'a Radiance HDR picture', picture: true },
  { magic: 'qoif', name: 'a QOI picture', picture: true },
  { magic: 'FUJIFILMCCD-RAW', name: 'a Fujifilm raw photo', picture: true },
  { magic: 'IIU\0', name: 'a Panasonic raw photo', picture: true },
  { magic: 'IIRO', name: 'an Olympus raw photo', picture: true },
  { magic: 'CR\x02\0', offset: 8, name: 'a Canon raw photo', picture: true },
  { magic: '\x1a\x45\xdf\xa3', name: 'a Matroska or WebM video', picture: true },
  { magic: 'AVI ', offset: 8, also: 'RIFF', name: 'an AVI video', picture: true },
  { magic: 'WAVE', offset: 8, also: 'RIFF', name: 'a WAVE sound', picture: false },
  { magic: 'PK\x03\x04', name: 'a ZIP archive or office document', picture: false },
  { magic: 'PK\x05\x06', name: 'an empty ZIP archive', picture: false },
  { magic: '\x1f\x8b', name: 'a gzip archive', picture: false },
  { magic: 'BZh', name: 'a bzip2 archive', picture: false },
  { magic: '7z\xbc\xaf', name: 'a 7-Zip archive', picture: false },
  { magic: 'Rar!', name: 'a RAR archive', picture: false },
  { magic: '\x7fELF', name: 'a program', picture: false },
  { magic: 'MZ\x90\0', name: 'a program', picture: false },
  { magic: 'OggS', name: 'an Ogg sound or video', picture: false },
  { magic: 'ID3', name: 'an MP3 sound', picture: false },
];

/**
 * The format, from the bytes alone: names and content types are the uploader's claims.
 * @throws NOT_AN_IMAGE for anything that is no picture, UNSUPPORTED_FORMAT for pictures, documents and videos
 *   that are not accepted; the message says what was found.
 */
export function sniff(bytes: Buffer): Format {
  if (bytes.length === 0) throw new PipelineError('NOT_AN_IMAGE', `The file is empty; ${ACCEPTED}.`);
  const known = REFUSED.find(
    (it) => startsWith(bytes, it.magic, it.offset) && startsWith(bytes, it.also ?? ''),
  );
  if (known) throw refusal(known.name, known.picture);
  if (startsWith(bytes, '\xff\xd8\xff')) return 'jpeg';
  if (startsWith(bytes, '\x89PNG\r\n\x1a\n')) return 'png';
  if (startsWith(bytes, 'GIF87a') || startsWith(bytes, 'GIF89a')) return 'gif';
  if (startsWith(bytes, 'RIFF') && startsWith(bytes, 'WEBP', 8)) return 'webp';
  if (['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].some((magic) => startsWith(bytes, magic))) return sniffTiff(bytes);
  if (startsWith(bytes, 'ftyp', 4)) return sniffBrands(bytes);
  if (looksLikeSvg(bytes)) return 'svg';
  throw refusal(describeText(bytes), false);
}

function sniffTiff(bytes: Buffer): Format {
  const refused = refusedKind(bytes);
  if (refused) throw refusal(refused, true);
  return 'tiff';
}

function sniffBrands(bytes: Buffer): Format {
  const found = readMediaFile(bytes);
  if ('refused' in found) throw refusal(found.refused, found.picture);
  return found.format;
}

const startsWith = (bytes: Buffer, magic: string, offset = 0): boolean =>
  bytes.length >= offset + magic.length && bytes.toString('latin1', offset, offset + magic.length) === magic;

function refusal(found: string, picture: boolean): PipelineError {
  const code = picture ? 'UNSUPPORTED_FORMAT' : 'NOT_AN_IMAGE';
  return new PipelineError(code, `The file is ${found}; ${ACCEPTED}.`);
}

function describeText(bytes: Buffer): string {
  const head = bytes.toString('latin1', 0, 512);
  if (/^\s*(<!doctype html|<html|<head|<body)/i.test(head)) return 'an HTML page';
  if (/^\s*<\?xml/.test(head)) return 'an XML document';
  const readable =
    isUtf8(bytes.subarray(0, 512)) && ![...head].some((sign) => sign < ' ' && !'\t\n\v\f\r'.includes(sign));
  if (readable) return 'text';
  return 'no known kind of picture';
}

/** What the header of a picture declares, before a pixel is decoded. */
export interface Declared {
  format: Format;
  /** Pixels as stored, before any EXIF rotation. */
  width: number;
  height: number;
  /** EXIF orientation, 1 (upright) to 8. */
  orientation: number;
  progressive: boolean;
  hasAlpha: boolean;
  /** More than 8 bits a sample. */
  isDeep: boolean;
  color: ColorPlan;
}

/**
 * How the picture becomes sRGB.
 * - `none`: its numbers are sRGB already (or gray, which every space shares), a profile may be dropped;
 * - `late`: the profile is applied after shrinking, at a third of the cost;
 * - `early`: libvips converts while loading: CMYK and gray pictures with a profile, which it cannot convert later.
 */
type ColorPlan = 'none' | 'late' | 'early';

/**
 * Reads the header only (about 0.1 ms).
 * @throws TOO_MANY_PIXELS when more are declared than `maxPixels`, CORRUPT_IMAGE when the header cannot be read.
 */
export async function inspect(bytes: Buffer, format: Format, maxPixels: number): Promise<Declared> {
  // No limit here, so that the refusal can name the size; nothing is decoded for a header.
  const header = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch((error: unknown) => {
      throw corrupt(format, error);
    });
  const { width, height } = header;
  if (width * height > maxPixels) throw tooManyPixels(width, height, maxPixels);
  return {
    format,
    width,
    height,
    orientation: header.orientation ?? 1,
    progressive: header.isProgressive ?? false,
    hasAlpha: header.hasAlpha,
    isDeep: header.depth !== 'uchar',
    color: planColor(header),
  };
}

function planColor({ icc, space }: { icc?: Buffer | undefined; space: string }): ColorPlan {
  if (space === 'cmyk') return 'early';
  if (!icc) return 'none';
  if (profileSpace(icc) !== 'RGB') return 'early';
  return isSrgb(icc) ? 'none' : 'late';
}
