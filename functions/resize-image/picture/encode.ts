import type { Sharp } from 'sharp';
import { sharp } from './engine.ts';
import { isFlat } from './predicted-size.ts';
import { qualityFor } from './quality.ts';

interface Encoding {
  /** 1 to 100. */
  quality: number;
  /** Huffman tables made for this picture: 9 to 25 ms on a detailed photo of 3 MP for 1 % of its bytes, but see `isFlat`. */
  ownTables: boolean;
}

export interface Encoded {
  bytes: Buffer;
  /** That it was encoded with. */
  quality: number;
}

/** Pixels as sRGB or gray, 8 bits a channel, as sharp gives them. */
interface Pixels {
  data: Buffer;
  info: { width: number; height: number; channels: 1 | 2 | 3 | 4 };
}

interface EncodeTarget {
  quality: number;
  /** More than this is encoded once more, at a lower quality; absent: as it comes. */
  maxBytes: number | undefined;
  /** Absent: found out by encoding. */
  ownTables?: boolean | undefined;
  timeoutSeconds: number;
}

/** Color at half the resolution, as cameras and phones write it. */
export const asJpeg = (pipeline: Sharp, { quality, ownTables }: Encoding): Sharp =>
  pipeline.jpeg({ quality, chromaSubsampling: '4:2:0', optimiseCoding: ownTables });

/** At most two encodes: the second with what the size of the first has told. */
export async function encodePixels(pixels: Pixels, target: EncodeTarget): Promise<Encoded> {
  const { quality, maxBytes = Number.POSITIVE_INFINITY, ownTables, timeoutSeconds } = target;
  const { width, height } = pixels.info;
  const encode = async (encoding: Encoding): Promise<Encoded> => ({
    bytes: await asJpeg(sharp(pixels.data, { raw: pixels.info, limitInputPixels: false }), encoding)
      .timeout({ seconds: timeoutSeconds })
      .toBuffer(),
    quality: encoding.quality,
  });
  const first = await encode({ quality, ownTables: ownTables ?? false });
  const isFlatAfterAll = ownTables === undefined && isFlat(first.bytes.length / (width * height));
  const lower = first.bytes.length > maxBytes ? qualityFor(maxBytes, first.bytes.length, quality) : quality;
  if (lower === quality && !isFlatAfterAll) return first;
  return encode({ quality: lower, ownTables: ownTables ?? isFlatAfterAll });
}
