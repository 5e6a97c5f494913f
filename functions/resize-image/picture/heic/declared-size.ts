import { boxesIn } from './boxes.ts';

/** Boxes that contain boxes on the way to the sizes; `meta` has four bytes of version and flags first. */
const CONTAINERS = new Map([
  ['meta', 4],
  ['iprp', 0],
  ['ipco', 0],
]);

/**
 * The largest picture size that a HEIF file declares (`ispe` properties, ISO/IEC 23008-12 6.5.3), in pixels, before
 * rotation: the main picture's, since its tiles, thumbnails and depth maps are smaller. Undefined if there is none.
 */
export function declaredSize(bytes: Buffer): { width: number; height: number } | undefined {
  let largest: { width: number; height: number } | undefined;
  const walk = (from: number, to: number): void => {
    for (const { type, contentAt, end } of boxesIn(bytes, from, to)) {
      const skip = CONTAINERS.get(type);
      if (skip !== undefined) walk(contentAt + skip, end);
      if (type !== 'ispe' || contentAt + 12 > end) continue;
      const size = { width: bytes.readUInt32BE(contentAt + 4), height: bytes.readUInt32BE(contentAt + 8) };
      if (!largest || size.width * size.height > largest.width * largest.height) largest = size;
    }
  };
  walk(0, bytes.length);
  return largest;
}
