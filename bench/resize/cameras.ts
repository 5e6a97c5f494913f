import sharp from 'sharp';
import { noiseTile, pixelsOf, texture } from '../photo.ts';

/** What makes the photos of one camera differ from another's. */
interface Camera {
  name: string;
  width: number;
  height: number;
  /** Contrast of the sensor's noise, in parts of the whole range; its grains are `grainPixels` wide after demosaicing. */
  noise: number;
  grainPixels: number;
  /** Sigma of the unsharp mask that the camera puts over it; 0 is none. */
  sharpening: number;
  /** Contrast of the scene's texture, of an ordinary photo's. */
  texture: number;
  /** JPEG quality and color resolution that it writes. */
  quality: number;
  chroma: '4:2:0' | '4:4:4';
  profile?: 'p3';
  /** EXIF orientation. */
  orientation?: number;
}

/** Sizes, noise and qualities as they were found in photos of such cameras; odd sides come from stitching and cropping. */
const CAMERAS: readonly Camera[] = [
  camera('phone 12 MP', 4032, 3024, { noise: 0.02, grainPixels: 1.6, sharpening: 1.2 }),
  camera('phone 12 MP, Display P3', 4032, 3024, { noise: 0.02, grainPixels: 1.6, profile: 'p3' }),
  camera('phone 12 MP, turned', 4032, 3024, { noise: 0.04, grainPixels: 2, orientation: 6 }),
  camera('phone 12 MP, Display P3, turned', 4032, 3024, { noise: 0.03, profile: 'p3', orientation: 6 }),
  camera('phone 10 MP, upside down', 4128, 2322, { noise: 0.06, sharpening: 1.5, orientation: 3 }),
  camera('compact 16 MP, night', 4608, 3456, { noise: 0.12, grainPixels: 2.4, quality: 88 }),
  camera('compact 16 MP, a plain wall', 4608, 3456, { noise: 0.004, texture: 0.05, quality: 80 }),
  camera('mirrorless 16 MP, sharp', 4928, 3264, {
    noise: 0.015,
    sharpening: 2,
    quality: 97,
    chroma: '4:4:4',
  }),
  camera('reflex 12 MP', 4272, 2848, { noise: 0.03, grainPixels: 1.4, sharpening: 0.8, quality: 94 }),
  camera('reflex 24 MP', 6000, 4000, { noise: 0.03, grainPixels: 1.5, sharpening: 1 }),
  camera('reflex 22 MP', 5760, 3840, { noise: 0.05, grainPixels: 1.5, quality: 96, chroma: '4:4:4' }),
  camera('cropped, odd sides', 4217, 2817, { noise: 0.03, sharpening: 1.2 }),
  camera('panorama, odd sides', 5533, 2701, { noise: 0.02, sharpening: 1 }),
  camera('old compact 7 MP', 3072, 2304, { noise: 0.08, grainPixels: 1.8, sharpening: 2, quality: 90 }),
];

export function camera(name: string, width: number, height: number, traits: Partial<Camera>): Camera {
  const ordinary = { noise: 0.02, grainPixels: 1.6, sharpening: 0, texture: 1, quality: 93 };
  return { name, width, height, ...ordinary, chroma: '4:2:0', ...traits };
}

export interface BenchPhoto {
  name: string;
  bytes: Buffer;
}

/** Drawn photos, one of each camera; `count` of them. */
export async function* drawnPhotos(count = CAMERAS.length): AsyncGenerator<BenchPhoto> {
  for (const [seed, traits] of CAMERAS.slice(0, count).entries())
    yield { name: traits.name, bytes: await taken(traits, seed + 1) };
}

export async function taken(traits: Camera, seed: number): Promise<Buffer> {
  const { width, height, noise, grainPixels, sharpening, quality, chroma, profile, orientation } = traits;
  const tiles = [await texture(seed, traits.texture), await noiseTile(seed, noise, grainPixels)];
  const scene = await (await pixelsOf(width, height, seed, tiles))
    .raw()
    .toBuffer({ resolveWithObject: true });
  let shot = sharp(scene.data, { raw: scene.info });
  if (sharpening > 0) shot = shot.sharpen({ sigma: sharpening });
  if (profile) shot = shot.withIccProfile(profile);
  if (orientation !== undefined)
    shot = shot.withExif({}).withMetadata({ orientation, ...(profile ? { icc: profile } : {}) });
  return shot.jpeg({ quality, chromaSubsampling: chroma }).toBuffer();
}
