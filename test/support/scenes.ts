import sharp from 'sharp';
import { seededRandom } from '../../shared/base/seeded-random.ts';

/** A picture with things in it, different for each seed: soft shapes of many sizes on a gradient. */
export async function scene(seed: number, width = 1200, height = 900): Promise<Buffer> {
  const random = seededRandom(seed);
  const color = () => `rgb(${[0, 0, 0].map(() => Math.round(random() * 255)).join(',')})`;
  const shapes = Array.from({ length: 40 }, () => {
    const [x, y, r] = [random() * width, random() * height, (0.02 + random() ** 2 * 0.25) * width];
    return random() < 0.5
      ? `<circle cx="${x}" cy="${y}" r="${r}" fill="${color()}" opacity="0.8"/>`
      : `<rect x="${x}" y="${y}" width="${r}" height="${r * (0.3 + random())}" fill="${color()}" opacity="0.8"/>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <linearGradient id="g" x2="1" y2="${random()}"><stop stop-color="${color()}"/><stop offset="1" stop-color="${color()}"/></linearGradient>
    <rect width="100%" height="100%" fill="url(#g)"/>${shapes.join('')}</svg>`;
  return sharp(Buffer.from(svg)).jpeg({ quality: 92 }).toBuffer();
}
