import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { normalize } from '../../functions/resize-image/picture/normalize.ts';
import type { Preparation } from '../../shared/profiles/preparation.ts';
import { alternate, type Cost, measure } from '../measure.ts';
import { median } from '../report.ts';
import { floor } from './floor.ts';
import { likeness } from './likeness.ts';
import type { Pillow } from './pillow.ts';

export const LONG_SIDE = 2048;

/** What one kind of picture cost each contender: medians of CPU milliseconds. */
export interface Comparison {
  ours: number;
  /** Ours in the fast preparation. */
  fast: number;
  sharpDefault: number;
  pillow: number | undefined;
  /** libjpeg-turbo alone; for plain JPEGs. */
  floor: number | undefined;
  wall: { ours: number; pillow: number | undefined };
  /** Medians of the ratios within each round. */
  pillowOfOurs: number | undefined;
  fastOfFloor: number | undefined;
  /** Of the input, our output and Pillow's. */
  bytes: { input: number; ours: number; pillow: number | undefined };
  ssim: { ours: number; pillow: number } | undefined;
}

const LIMITS = { maxSide: LONG_SIDE, maxPixels: 100_000_000 };

/** At quality 85, whatever bytes that makes, as Pillow's script does. */
export const ours = (bytes: Buffer, preparation: Preparation = 'faithful') =>
  normalize(bytes, { ...LIMITS, preparation });

/** As a profile with a target in bytes has it. */
export const targeted = (bytes: Buffer, maxBytes: number) => normalize(bytes, { ...LIMITS, maxBytes });

/** What someone writes who has read sharp's first page. */
const sharpDefault = (bytes: Buffer): Promise<Buffer> =>
  sharp(bytes).rotate().resize(LONG_SIDE, LONG_SIDE, { fit: 'inside' }).jpeg({ quality: 85 }).toBuffer();

/** The same work as ours by sharp alone, with the settings that proved best: nothing around it. */
export const sharpTuned = (bytes: Buffer): Promise<Buffer> =>
  sharp(bytes)
    .rotate()
    .resize(LONG_SIDE, LONG_SIDE, { fit: 'inside' })
    .jpeg({ quality: 85, optimiseCoding: false })
    .toBuffer();

interface CompareOptions {
  rounds: number;
  folder: string;
  pillow: Pillow | undefined;
  /** djpeg's scale for this picture; absent: no floor. */
  floorScale?: string;
  /** Also hold the outputs against a picture without loss. */
  similarity: boolean;
}

export async function compare(bytes: Buffer, options: CompareOptions): Promise<Comparison> {
  const { pillow, folder, floorScale } = options;
  const path = join(folder, 'picture');
  const shrunk = join(folder, 'pillow.jpg');
  await writeFile(path, bytes);
  const contenders: Record<string, () => Promise<Cost>> = {
    ours: () => measure(() => ours(bytes)),
    fast: () => measure(() => ours(bytes, 'fast')),
    sharpDefault: () => measure(() => sharpDefault(bytes)),
    ...(pillow ? { pillow: () => pillow.shrink({ source: path, target: shrunk }) } : {}),
    ...(floorScale === undefined ? {} : { floor: () => floor(path, floorScale) }),
  };
  const costs = await alternate(contenders, options.rounds);
  const cpu = (name: string): number | undefined => costs[name] && median(costs[name].map((it) => it.cpuMs));
  const wall = (name: string): number | undefined =>
    costs[name] && median(costs[name].map((it) => it.wallMs));
  const ratio = (over: string, under: string): number | undefined => {
    const [above, below] = [costs[over], costs[under]];
    return above && below && median(above.map((it, i) => it.cpuMs / (below[i]?.cpuMs ?? Number.NaN)));
  };
  const made = await ours(bytes);
  return {
    ours: cpu('ours') ?? Number.NaN,
    fast: cpu('fast') ?? Number.NaN,
    sharpDefault: cpu('sharpDefault') ?? Number.NaN,
    pillow: cpu('pillow'),
    floor: cpu('floor'),
    wall: { ours: wall('ours') ?? Number.NaN, pillow: wall('pillow') },
    pillowOfOurs: ratio('pillow', 'ours'),
    fastOfFloor: ratio('fast', 'floor'),
    bytes: {
      input: bytes.length,
      ours: made.bytes.length,
      pillow: pillow && (await readFile(shrunk)).length,
    },
    ssim:
      options.similarity && pillow
        ? await likeness(made.bytes, pillow, { source: path, target: shrunk })
        : undefined,
  };
}
