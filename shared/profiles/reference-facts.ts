import type { PixelSize } from '../prices/image-tokens.ts';

export interface PictureFacts extends PixelSize {
  mimeType: 'image/jpeg' | 'image/png';
}

const PNG_START = Buffer.from('89504e470d0a1a0a', 'hex');
const PNG_END = Buffer.from('0000000049454e44ae426082', 'hex');
const JPEG_END = Buffer.from('ffd9', 'hex');
const EXIF = 'Exif\0';

const NOT_A_PICTURE = 'it is neither a JPEG nor a PNG picture';
const CUT_OFF = 'it is cut off';
const HAS_EXIF =
  'it holds EXIF data, which may turn it and tell where it was taken; save it without, or take the prepared picture of an upload';

/**
 * Kind and size of a whole JPEG or PNG, or what is wrong with it. From the headers alone: a decoder would cost the cold
 * start of a function more than the pictures do.
 */
export function pictureFacts(bytes: Buffer): PictureFacts | string {
  if (bytes.subarray(0, PNG_START.length).equals(PNG_START)) return pngFacts(bytes);
  return bytes.length > 4 && bytes.readUInt16BE(0) === 0xffd8 ? jpegFacts(bytes) : NOT_A_PICTURE;
}

/** https://www.w3.org/TR/png-3: the first chunk is the header, the last one is empty and always the same. */
function pngFacts(bytes: Buffer): PictureFacts | string {
  if (bytes.length < 45 || !bytes.subarray(-PNG_END.length).equals(PNG_END)) return CUT_OFF;
  return sized('image/png', bytes.readUInt32BE(16), bytes.readUInt32BE(20));
}

/** Follows the segments up to the frame header (ITU T.81, B.1): 0xff, marker, length, height and width after a byte. */
function jpegFacts(bytes: Buffer): PictureFacts | string {
  for (let at = 2; at + 9 < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes.readUInt8(at + 1);
    if (bytes.readUInt8(at) !== 0xff || marker === 0xda) return NOT_A_PICTURE;
    if (marker === 0xe1 && bytes.toString('latin1', at + 4, at + 4 + EXIF.length) === EXIF) return HAS_EXIF;
    if (!isFrame(marker)) continue;
    return bytes.lastIndexOf(JPEG_END) > at
      ? sized('image/jpeg', bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5))
      : CUT_OFF;
  }
  return CUT_OFF;
}

/** SOF0 to SOF15 without the three that are tables: DHT, JPG and DAC. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

const sized = (mimeType: PictureFacts['mimeType'], width: number, height: number): PictureFacts | string =>
  width > 0 && height > 0 ? { mimeType, width, height } : NOT_A_PICTURE;
