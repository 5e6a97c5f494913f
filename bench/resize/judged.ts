import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from '../../functions/resize-image/picture/inspect.ts';
import { shrinkOf } from '../../functions/resize-image/picture/shrink-on-load.ts';
import { wantedPicture } from '../../shared/profiles/index.ts';
import { PREPARATIONS, type Preparation } from '../../shared/profiles/preparation.ts';
import { alternate, type Cost, measure } from '../measure.ts';
import { atLeast, atMost, type BenchOptions, type Figure, figure, median, percentile } from '../report.ts';
import { LONG_SIDE, ours, targeted } from './contenders.ts';
import { likeness } from './likeness.ts';
import { photoSet } from './photo-set.ts';
import type { Pillow } from './pillow.ts';

/** One photo in one preparation, against Pillow's script. */
interface Judgment {
  /** SSIM less Pillow's. */
  ssim: number;
  bytes: number;
  /** Pillow's CPU of ours. */
  cpu: number;
  cpuMs: number;
}

interface Judged {
  name: string;
  longSide: number;
  of: Record<Preparation, Judgment>;
  /** With the target in bytes: what it came to, of that target; absent when it was within it at once. */
  target?: { share: number; quality: number };
}

/** From here on a JPEG may be halved. */
const HALVED_SIDE = 3968;

/** Both preparations against Pillow's script on photos of many cameras. */
export async function judgePhotos(
  folder: string,
  pillow: Pillow,
  options: BenchOptions,
): Promise<{ figures: Figure[]; notes: string[] }> {
  const judged: Judged[] = [];
  let real = 0;
  for await (const photo of photoSet(options.short)) {
    const found = await judge(photo.name, photo.bytes, folder, pillow, options.short ? 1 : 3);
    real += photo.isReal ? 1 : 0;
    judged.push(found);
    options.progress(lineOf(found));
  }
  return {
    figures: figuresOf(judged),
    notes: [
      `photos: ${real} of real cameras, ${judged.length - real} drawn; SSIM and bytes at quality 85, CPU in turns with Pillow's`,
      ...judged.map(lineOf),
    ],
  };
}

async function judge(
  name: string,
  bytes: Buffer,
  folder: string,
  pillow: Pillow,
  rounds: number,
): Promise<Judged> {
  const [source, target] = [join(folder, 'photo.jpg'), join(folder, 'photo-pillow.jpg')];
  await writeFile(source, bytes);
  const costs = await alternate(
    {
      faithful: () => measure(() => ours(bytes, 'faithful')),
      pillow: (): Promise<Cost> => pillow.shrink({ source, target }),
      fast: () => measure(() => ours(bytes, 'fast')),
    },
    rounds,
  );
  const declared = await inspect(bytes, 'jpeg', 1e9);
  const of = async (preparation: Preparation): Promise<Judgment> => {
    const made = await ours(bytes, preparation);
    const factor = shrinkOf(declared, { maxSide: LONG_SIDE, preparation });
    const whole = (side: number) => Math.floor(side / factor) * factor;
    // What a fast picture loses at its edge is told in words, not as drift.
    const crop = [whole(declared.width), whole(declared.height)] as const;
    const ssim = await likeness(made.bytes, pillow, { source, target, careful: true, crop });
    const cpu = costs[preparation].map(({ cpuMs }, i) => (costs.pillow[i]?.cpuMs ?? Number.NaN) / cpuMs);
    return {
      ssim: ssim.ours - ssim.pillow,
      bytes: made.bytes.length / (await readFile(target)).length,
      cpu: median(cpu),
      cpuMs: median(costs[preparation].map(({ cpuMs }) => cpuMs)),
    };
  };
  const { maxBytes } = wantedPicture({ maxSide: LONG_SIDE });
  const aimed = await targeted(bytes, maxBytes);
  return {
    name,
    longSide: Math.max(declared.width, declared.height),
    of: { faithful: await of('faithful'), fast: await of('fast') },
    ...(aimed.quality === undefined || aimed.quality === 85
      ? {}
      : { target: { share: aimed.bytes.length / maxBytes, quality: aimed.quality } }),
  };
}

function figuresOf(judged: readonly Judged[]): Figure[] {
  const all = (preparation: Preparation, what: keyof Judgment, from = 0) =>
    judged.filter(({ longSide }) => longSide >= from).map(({ of }) => of[preparation][what]);
  const worst = (preparation: Preparation) => Math.min(...all(preparation, 'ssim'));
  const cpuName = (preparation: Preparation) =>
    `photos of ${HALVED_SIDE} px and more, ${preparation}: times less CPU than Pillow, median`;
  const perPreparation = PREPARATIONS.flatMap((preparation) => {
    const isHeld = preparation === 'faithful';
    const bytes = all(preparation, 'bytes');
    const held = (name: string, value: number, limit: number) =>
      isHeld ? atMost(name, value, limit, 'x') : figure(name, value, 'x');
    return [
      figure(`photos, ${preparation}: SSIM less Pillow's, median`, median(all(preparation, 'ssim')), ''),
      isHeld
        ? atLeast(`photos, ${preparation}: SSIM less Pillow's, worst`, worst(preparation), -0.002, '')
        : figure(`photos, ${preparation}: SSIM less Pillow's, worst`, worst(preparation), ''),
      held(`photos, ${preparation}: bytes of Pillow's, median`, median(bytes), 1.03),
      held(`photos, ${preparation}: bytes of Pillow's, worst`, Math.max(...bytes), 1.1),
      atLeast(cpuName(preparation), median(all(preparation, 'cpu', HALVED_SIDE)), isHeld ? 2.6 : 3.5, 'x'),
      figure(
        `photos, ${preparation}: times less CPU than Pillow, median`,
        median(all(preparation, 'cpu')),
        'x',
      ),
      figure(
        `photos, ${preparation}: times less CPU than Pillow, least`,
        Math.min(...all(preparation, 'cpu')),
        'x',
      ),
    ];
  });
  const targets = judged.flatMap(({ target }) => target ?? []);
  const reached = targets.filter(({ quality }) => quality > 70).map(({ share }) => share);
  return [
    ...perPreparation,
    figure('photos that exceed 400 KB at quality 85', targets.length, `of ${judged.length}`),
    ...(reached.length === 0
      ? []
      : [
          figure('400 KB with one more encode: median of the target', median(reached), 'x'),
          figure('400 KB with one more encode: p5 of the target', percentile(reached, 5), 'x'),
          figure('400 KB with one more encode: p95 of the target', percentile(reached, 95), 'x'),
          figure('400 KB with one more encode: worst', Math.max(...reached), 'x'),
        ]),
    figure(
      '400 KB not reached at quality 70',
      targets.filter((it) => it.quality === 70 && it.share > 1).length,
      `of ${judged.length}`,
    ),
  ];
}

const lineOf = ({ name, longSide, of, target }: Judged): string => {
  const one = (preparation: Preparation) => {
    const { ssim, bytes, cpu, cpuMs } = of[preparation];
    return `${preparation} SSIM ${ssim.toFixed(4)}, bytes ${bytes.toFixed(3)}, CPU ${cpu.toFixed(2)} (${Math.round(cpuMs)} ms)`;
  };
  const aimed = target ? `; 400 KB: quality ${target.quality}, ${target.share.toFixed(2)}` : '';
  return `${name}, ${longSide} px: ${PREPARATIONS.map(one).join('; ')}${aimed}`;
};
