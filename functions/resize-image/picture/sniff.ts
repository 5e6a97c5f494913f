import { isUtf8 } from 'node:buffer';
import { PipelineError } from '../../../shared/base/errors/pipeline-error.ts';
import { readMediaFile } from './heic/brands.ts';
import { looksLikeSvg } from './svg/prolog.ts';
import { refusedKind } from './tiff/refused-kind.ts';

/** What can be made into a prepared picture. */
export type Format = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif' | 'heic' | 'tiff' | 'svg';

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
