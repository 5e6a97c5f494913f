import sharp, { type Sharp } from 'sharp';
import { noisyPhoto, PHONE_QUALITY, photo } from '../photo.ts';

/** How each kind of upload is made from a 12 MP photo; larger ones are redrawn. */
const KINDS = {
  plain: () => photo(4032, 3024),
  'Display P3': async () => encoded(sharp(await photo(4032, 3024)).withIccProfile('p3')),
  // Stored lying, with the EXIF entry that stands it up, as a phone held upright writes it.
  rotated: async () => encoded(sharp(await photo(4032, 3024)).withMetadata({ orientation: 6 })),
  'rotated Display P3': async () =>
    encoded(
      sharp(await photo(4032, 3024))
        .withIccProfile('p3')
        .withMetadata({ orientation: 6, icc: 'p3' }),
    ),
  progressive: async () =>
    sharp(await photo(4032, 3024))
      .jpeg({ quality: PHONE_QUALITY, progressive: true })
      .toBuffer(),
  'white noise': () => noisyPhoto(4032, 3024),
  '24 MP': () => photo(6000, 4000),
  '48 MP': () => photo(8064, 6048),
  PNG: async () =>
    sharp(await photo(4032, 3024))
      .png({ compressionLevel: 3 })
      .toBuffer(),
  WebP: async () =>
    sharp(await photo(4032, 3024))
      .webp({ quality: 85, effort: 1 })
      .toBuffer(),
} as const satisfies Record<string, () => Promise<Buffer>>;

export type Kind = keyof typeof KINDS;

export const ALL_KINDS = Object.keys(KINDS) as Kind[];

export const picture = (kind: Kind): Promise<Buffer> => KINDS[kind]();

export const progressive48 = async (): Promise<Buffer> =>
  sharp(await photo(8064, 6048))
    .jpeg({ quality: PHONE_QUALITY, progressive: true })
    .toBuffer();

const encoded = (pipeline: Sharp): Promise<Buffer> => pipeline.jpeg({ quality: PHONE_QUALITY }).toBuffer();
