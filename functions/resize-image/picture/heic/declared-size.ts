/** Boxes that contain boxes on the way to the sizes; `meta` has four bytes of version and flags first. */
const CONTAINERS = new Map([
  ['meta', 4],
  ['iprp', 0],
  ['ipco', 0],
]);

/** A file with more boxes than this on the way is made to be slow, not to be looked at. */
const MAX_BOXES = 10_000;

/**
 * The largest picture size that a HEIF file declares (`ispe` properties, ISO/IEC 23008-12 6.5.3), in pixels, before
 * rotation: the main picture's, since its tiles, thumbnails and depth maps are smaller. Undefined if there is none.
 */
export function declaredSize(bytes: Buffer): { width: number; height: number } | undefined {
  let largest: { width: number; height: number } | undefined;
  let seen = 0;
  const walk = (from: number, to: number): void => {
    for (let at = from; at + 8 <= to && seen < MAX_BOXES; seen += 1) {
      const { type, contentAt, end } = readBox(bytes, at, to);
      if (end > to || end <= at) return;
      const skip = CONTAINERS.get(type);
      if (skip !== undefined) walk(contentAt + skip, end);
      if (type === 'ispe' && contentAt + 12 <= end) {
        const size = { width: bytes.readUInt32BE(contentAt + 4), height: bytes.readUInt32BE(contentAt + 8) };
        if (!largest || size.width * size.height > largest.width * largest.height) largest = size;
      }
      at = end;
    }
  };
  walk(0, bytes.length);
  return largest;
}

/** Size 0 means "to the end of the file", size 1 means that the real, 64-bit size follows the type. */
function readBox(bytes: Buffer, at: number, to: number): { type: string; contentAt: number; end: number } {
  const size = bytes.readUInt32BE(at);
  const type = bytes.toString('latin1', at + 4, at + 8);
  if (size === 0) return { type, contentAt: at + 8, end: to };
  if (size !== 1 || at + 16 > to) return { type, contentAt: at + 8, end: at + size };
  return { type, contentAt: at + 16, end: at + Number(bytes.readBigUInt64BE(at + 8)) };
}
