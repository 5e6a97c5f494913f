import type { ReadColor } from './facts.ts';
import { open, type Pixels } from './pixels.ts';

const SAMPLE_SIDE = 64;
const MAX_COLORS = 5;
const MIN_SHARE = 0.02;

/** Upper ends of the hue ranges, degrees, and what people call them. */
const HUES: readonly (readonly [number, string])[] = [
  [15, 'red'],
  [42, 'orange'],
  [68, 'yellow'],
  [160, 'green'],
  [200, 'teal'],
  [255, 'blue'],
  [290, 'purple'],
  [340, 'pink'],
  [360, 'red'],
];

interface Sum {
  red: number;
  green: number;
  blue: number;
  pixels: number;
}

/** The colors that make up the picture, by everyday names; hex is the mean of what goes by the name. */
export async function dominantColors(pixels: Pixels): Promise<ReadColor[]> {
  const sample = await open(pixels)
    .resize(SAMPLE_SIDE, SAMPLE_SIDE, { fit: 'fill', kernel: 'nearest' })
    .raw()
    .toBuffer();
  const sums = sumByName(sample);
  const total = SAMPLE_SIDE * SAMPLE_SIDE;
  return [...sums]
    .map(([name, sum]) => ({
      name,
      hex: meanHex(sum),
      share: Math.round((sum.pixels / total) * 1000) / 1000,
    }))
    .filter((color) => color.share >= MIN_SHARE)
    .sort((a, b) => b.share - a.share)
    .slice(0, MAX_COLORS);
}

function sumByName(sample: Buffer): Map<string, Sum> {
  const sums = new Map<string, Sum>();
  for (let offset = 0; offset + 2 < sample.length; offset += 3) {
    const [red = 0, green = 0, blue = 0] = sample.subarray(offset, offset + 3);
    const name = colorName(red, green, blue);
    const sum = sums.get(name) ?? { red: 0, green: 0, blue: 0, pixels: 0 };
    sum.red += red;
    sum.green += green;
    sum.blue += blue;
    sum.pixels += 1;
    sums.set(name, sum);
  }
  return sums;
}

/** Channels 0..255. Little saturation is gray, dark orange is brown: names follow speech, not the color wheel. */
function colorName(red: number, green: number, blue: number): string {
  const [max, min] = [Math.max(red, green, blue), Math.min(red, green, blue)];
  const lightness = (max + min) / 510;
  const chroma = max - min;
  if (lightness < 0.13) return 'black';
  if (chroma < 26) return lightness > 0.87 ? 'white' : 'gray';
  const hue = hueOf(red, green, blue, max, chroma);
  const name = HUES.find(([end]) => hue < end)?.[1] ?? 'red';
  if ((name === 'orange' || name === 'red') && hue > 8 && hue < 50) {
    if (lightness < 0.42 || (chroma < 120 && lightness < 0.6)) return 'brown';
    if (lightness > 0.7) return 'beige';
  }
  return name;
}

function hueOf(red: number, green: number, blue: number, max: number, chroma: number): number {
  if (max === red) return (((green - blue) / chroma + 6) % 6) * 60;
  return max === green ? ((blue - red) / chroma + 2) * 60 : ((red - green) / chroma + 4) * 60;
}

const meanHex = ({ red, green, blue, pixels }: Sum): string =>
  `#${[red, green, blue]
    .map((sum) =>
      Math.round(sum / pixels)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
