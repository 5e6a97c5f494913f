import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Cost, measure } from './measure.ts';
import { variant } from './photo.ts';
import { atLeast, atMost, type BenchOptions, type Figure, figure, median, report } from './report.ts';
import { codesRead } from './resize/codes.ts';
import { type Comparison, compare, ours, sharpTuned } from './resize/contenders.ts';
import { hasFloor } from './resize/floor.ts';
import { judgePhotos } from './resize/judged.ts';
import { ALL_KINDS, type Kind, picture, progressive48 } from './resize/pictures.ts';
import { startPillow } from './resize/pillow.ts';

const SHORT_KINDS: readonly Kind[] = ['plain', 'Display P3', 'rotated'];
const LARGE: readonly Kind[] = ['24 MP', '48 MP', 'PNG'];
/** Colors of these are converted by us and not by the baseline: their pixels differ on purpose. */
const SAME_PIXELS: readonly Kind[] = ['plain', 'progressive', 'white noise', '24 MP', '48 MP', 'PNG', 'WebP'];

/** Preparing one picture against the Pillow script, bare sharp and libjpeg-turbo alone; likeness on photos of many cameras, codes read, throughput and peak memory. */
export async function run(options: BenchOptions) {
  const folder = await mkdtemp(join(tmpdir(), 'bench-resize-'));
  const pillow = startPillow();
  const withFloor = hasFloor();
  try {
    const kinds = options.short ? SHORT_KINDS : ALL_KINDS;
    const compared = new Map<Kind, Comparison>();
    for (const kind of kinds) {
      const found = await compare(await picture(kind), {
        rounds: options.short ? 3 : LARGE.includes(kind) ? 7 : 21,
        folder,
        pillow,
        ...(withFloor && kind === 'plain' ? { floorScale: '1/2' } : {}),
        similarity: !options.short && SAME_PIXELS.includes(kind),
      });
      compared.set(kind, found);
      options.progress(`${kind}: ${Math.round(found.ours)} CPU ms, Pillow ${Math.round(found.pillow ?? 0)}`);
    }
    const photos = pillow && (await judgePhotos(folder, pillow, options));
    const figures = [
      ...(photos?.figures ?? []),
      ...(await codesRead(options)),
      ...[...compared].flatMap(([kind, found]) => kindFigures(kind, found)),
      ...relations(compared),
      await throughput(options),
      ...(await peaks(folder, options)),
    ];
    return report('resize', options, figures, [
      ...(pillow
        ? [`Pillow ${pillow.version}, in a warm process`, ...(photos?.notes ?? [])]
        : ['left out: no Python with Pillow (pip install pillow; BENCH_PYTHON names the Python)']),
      ...(withFloor ? [] : ['left out: no djpeg and cjpeg (Debian: libjpeg-turbo-progs)']),
      'CPU time of all threads; the named pictures are drawn with the statistics of photos, 12 MP unless said.',
      'The floor decodes to 2016 x 1512 without a filter and includes the start of two small processes.',
    ]);
  } finally {
    pillow?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function kindFigures(kind: Kind, { ours: cpu, pillow, bytes, ...found }: Comparison): Figure[] {
  const figures = [
    figure(`${kind}: ours`, cpu, 'CPU ms'),
    figure(`${kind}: ours, fast`, found.fast, 'CPU ms'),
    figure(`${kind}: ours, wall`, found.wall.ours, 'ms'),
    figure(`${kind}: bare sharp with its defaults`, found.sharpDefault, 'CPU ms'),
    figure(`${kind}: input`, bytes.input / 1e6, 'MB'),
    figure(`${kind}: output`, bytes.ours / 1000, 'KB'),
  ];
  if (pillow === undefined || bytes.pillow === undefined || found.pillowOfOurs === undefined) return figures;
  const held = kind === 'plain';
  const [name, ratio] = [`${kind}: times less CPU than Pillow`, found.pillowOfOurs];
  figures.push(figure(`${kind}: Pillow`, pillow, 'CPU ms'));
  figures.push(figure(name, ratio, 'x'));
  if (!found.ssim) return figures;
  const likeness = found.ssim.ours - found.ssim.pillow;
  const [likenessName, sizeName] = [
    `${kind}: SSIM less Pillow's (${found.ssim.pillow.toFixed(4)})`,
    `${kind}: bytes, of Pillow's`,
  ];
  const size = bytes.ours / bytes.pillow;
  return held
    ? [...figures, atLeast(likenessName, likeness, -0.002, ''), atMost(sizeName, size, 1.03, 'x')]
    : [...figures, figure(likenessName, likeness, ''), figure(sizeName, size, 'x')];
}

/** What every phone writes costs at most this many times what the plain photo does. */
const HARDER = [
  ['Display P3', 1.45],
  ['rotated', 1.2],
  ['rotated Display P3', 1.6],
] as const satisfies readonly (readonly [Kind, number])[];

/** What the harder kinds cost more than the plain photo, and the plain one more than the least possible. */
function relations(compared: ReadonlyMap<Kind, Comparison>): Figure[] {
  const plain = compared.get('plain');
  if (!plain) return [];
  const ofPlain = HARDER.flatMap(([kind, goal]) => {
    const found = compared.get(kind);
    return found ? [atMost(`${kind}: CPU of the plain photo's`, found.ours / plain.ours, goal, 'x')] : [];
  });
  if (plain.floor === undefined || plain.fastOfFloor === undefined) return ofPlain;
  return [
    ...ofPlain,
    figure('plain: libjpeg-turbo alone', plain.floor, 'CPU ms'),
    atMost('plain, fast: CPU of the floor', plain.fastOfFloor, 1.4, 'x'),
  ];
}

/** Photos a second with two in flight, ours over bare tuned sharp in alternating blocks. */
async function throughput({ short, progress }: BenchOptions): Promise<Figure> {
  const original = await picture('plain');
  const blockOf = short ? 4 : 16;
  const block = (work: (bytes: Buffer) => Promise<unknown>): Promise<Cost> => {
    let next = 0;
    const lane = async () => {
      for (let i = next++; i < blockOf; i = next++) await work(variant(original, i));
    };
    return measure(() => Promise.all([lane(), lane()]));
  };
  const ratios: number[] = [];
  for (let round = 0; round < (short ? 2 : 8); round += 1) {
    const [mine, bare] = [await block((bytes) => ours(bytes)), await block(sharpTuned)];
    ratios.push(bare.cpuMs / mine.cpuMs);
    progress(
      `two in flight: ${((blockOf / mine.wallMs) * 1000).toFixed(1)}/s, bare ${((blockOf / bare.wallMs) * 1000).toFixed(1)}/s`,
    );
  }
  return atLeast('two in flight: pictures per CPU second, of bare tuned sharp', median(ratios), 0.95, 'x');
}

async function peaks(folder: string, { short }: BenchOptions): Promise<Figure[]> {
  const plain = join(folder, 'plain.jpg');
  await writeFile(plain, await picture('plain'));
  const two = await peak(plain, 2, short ? 2 : 10);
  const figures = [atMost('peak memory with two 12 MP photos in flight', two, 256, 'MiB')];
  if (short) return figures;
  const progressive = join(folder, 'progressive.jpg');
  await writeFile(progressive, await progressive48());
  figures.push(
    atMost('peak memory with one progressive 48 MP photo', await peak(progressive, 1, 1), 450, 'MiB'),
  );
  return figures;
}

async function peak(path: string, lanes: number, rounds: number): Promise<number> {
  const script = fileURLToPath(new URL('resize/peak-memory.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', script, path, String(lanes), String(rounds)],
    // As every function of ours is run.
    { env: { ...process.env, MALLOC_ARENA_MAX: '2' } },
  );
  return Number(stdout);
}
