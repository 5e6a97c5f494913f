import type { Directory } from './directory.ts';

/** Tags of a TIFF directory (TIFF 6.0; DNG 1.6): the kind of the page, and the mark of a DNG file. */
const NEW_SUBFILE_TYPE = 254;
const DNG_VERSION = 50_706;
const REDUCED_RESOLUTION = 1;

/**
 * Whether the first page of a TIFF is only the preview of something else: so are raw photos (DNG, NEF, ARW), whose real
 * picture no reader of ordinary TIFFs sees. A thumbnail must not be taken for the photo.
 */
export const isRawPhoto = ({ fields }: Directory): boolean =>
  fields.some(
    ({ tag, numbers: [value = 0] }) =>
      tag === DNG_VERSION || (tag === NEW_SUBFILE_TYPE && (value & REDUCED_RESOLUTION) !== 0),
  );
