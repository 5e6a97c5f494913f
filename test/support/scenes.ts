import sharp, { type Sharp } from 'sharp';
import { seededRandom } from '../../shared/base/seeded-random.ts';

interface Scene {
  width?: number;
  /** The thing in the middle. */
  thing?: string;
  /** How far the camera has moved, as a share of the width. */
  moved?: number;
}

/** A room with a dozen things in it, drawn by the seed, as JPEG. */
export function scene(seed: number, options: Scene & { quality?: number } = {}): Promise<Buffer> {
  return drawn(seed, options)
    .jpeg({ quality: options.quality ?? 92 })
    .toBuffer();
}

/** The same, to be written in any format. */
export function drawn(seed: number, { width = 800, thing = '#c02020', moved = 0 }: Scene = {}): Sharp {
  const random = seededRandom(seed);
  const color = () => `hsl(${Math.round(random() * 360)} 45% ${Math.round(25 + random() * 50)}%)`;
  const between = (least: number, most: number) => (least + random() * (most - least)).toFixed(1);
  const things = Array.from(
    { length: 12 },
    () =>
      `<ellipse cx="${between(0, 400)}" cy="${between(0, 300)}" rx="${between(15, 80)}" ry="${between(15, 80)}" fill="${color()}"/>`,
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${Math.round(width * 0.75)}" viewBox="${moved * 400} 0 400 300">
<rect x="-100" y="-100" width="600" height="500" fill="${color()}"/>${things.join('')}
<rect x="160" y="120" width="70" height="60" fill="${thing}"/></svg>`;
  return sharp(Buffer.from(svg)).flatten({ background: 'white' });
}
