/** Tags of a TIFF directory (TIFF 6.0; DNG 1.6): the kind of the page, and the mark of a DNG file. */
const NEW_SUBFILE_TYPE = 254;
const DNG_VERSION = 50_706;
const REDUCED_RESOLUTION = 1;

/**
 * Whether the first page of a TIFF is only the preview of something else: so are raw photos (DNG, NEF, ARW), whose real
 * picture no reader of ordinary TIFFs sees. A thumbnail must not be taken for the photo.
 */
export function isRawPhoto(tiff: Buffer): boolean {
  const bigEndian = tiff.toString('latin1', 0, 2) === 'MM';
  const u16 = (at: number) => (bigEndian ? tiff.readUInt16BE(at) : tiff.readUInt16LE(at));
  const u32 = (at: number) => (bigEndian ? tiff.readUInt32BE(at) : tiff.readUInt32LE(at));
  if (tiff.length < 8 || u16(2) !== 42) return false;
  const directory = u32(4);
  if (directory + 2 > tiff.length) return false;
  const entries = Math.min(u16(directory), Math.floor((tiff.length - directory - 2) / 12));
  return Array.from({ length: entries }, (_, i) => directory + 2 + 12 * i).some(
    (at) =>
      u16(at) === DNG_VERSION || (u16(at) === NEW_SUBFILE_TYPE && (u32(at + 8) & REDUCED_RESOLUTION) !== 0),
  );
}
