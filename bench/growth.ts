import { LocalRun } from './local-run.ts';
import { photo, variant } from './photo.ts';
import { atMost, type BenchOptions, type Figure, figure, report } from './report.ts';

/** Images at which is measured: each stage of growth is the images since the one before. */
const STAGES = [100, 1_000, 10_000];
const SHORT_STAGES = [20, 60];
const IN_FLIGHT = 8;

interface Stage {
  images: number;
  firestore: number;
  storage: number;
  cpuMs: Record<string, number>;
  memoryMiB: Record<string, number>;
  perSecond: number;
}

/** What one image costs when few and when many are stored already: operations, CPU, memory. */
export async function run(options: BenchOptions) {
  const local = await LocalRun.start();
  try {
    const jpeg = await photo(1024, 768);
    const stages: Stage[] = [];
    let stored = 0;
    for (const images of options.short ? SHORT_STAGES : STAGES) {
      stages.push(await oneStage(local, jpeg, stored, images));
      stored = images;
      options.progress(JSON.stringify(stages.at(-1)));
    }
    return report('growth', options, figuresOf(stages), [
      'Pictures of 1024 x 768, 8 under way; the whole pipeline, with answer cache, budget and audit.',
      'Firestore operations are documents read and written as Google bills them, without those the watching benchmark reads.',
    ]);
  } finally {
    await local.close();
  }
}

async function oneStage(local: LocalRun, jpeg: Buffer, from: number, to: number): Promise<Stage> {
  const before = snapshot(local);
  const count = to - from;
  const perSecond = await local.many(count, IN_FLIGHT, (i) => [
    `growth/${from + i}.jpg`,
    variant(jpeg, from + i),
  ]);
  const after = snapshot(local);
  const perImage = (now: number | undefined, then: number | undefined) => ((now ?? 0) - (then ?? 0)) / count;
  return {
    images: to,
    // The benchmark's own listener reads each result once.
    firestore: perImage(after.firestore, before.firestore) - 1,
    storage: perImage(after.storage, before.storage),
    cpuMs: Object.fromEntries(
      Object.keys(after.cpu).map((name) => [name, perImage(after.cpu[name], before.cpu[name])]),
    ),
    memoryMiB: local.memory(),
    perSecond,
  };
}

function snapshot(local: LocalRun): { firestore: number; storage: number; cpu: Record<string, number> } {
  const { reads, writes } = local.cloud.firestore.operations();
  const storage = Object.values(local.cloud.storage.operations()).reduce((sum, count) => sum + count, 0);
  const { user, system } = process.cpuUsage();
  return {
    firestore: reads + writes,
    storage,
    cpu: { ...local.cpu(), 'servers and this benchmark': (user + system) / 1000 },
  };
}

function figuresOf(stages: readonly Stage[]): Figure[] {
  const [first] = stages;
  const last = stages.at(-1);
  if (!first || !last) return [];
  const each = stages.flatMap(({ images, firestore, storage, perSecond }) => [
    atMost(`Firestore operations per image, up to ${images} images`, firestore, 8, ''),
    figure(`Storage operations per image, up to ${images} images`, storage, ''),
    figure(`throughput up to ${images} images`, perSecond, 'images/s'),
  ]);
  const kinds = Object.keys(last.cpuMs).flatMap((name) => [
    ...stages.map(({ images, cpuMs }) =>
      figure(`CPU of ${name} per image, up to ${images} images`, cpuMs[name] ?? Number.NaN, 'ms'),
    ),
    ...stages.map(({ images, memoryMiB }) =>
      figure(`memory of ${name} at ${images} images`, memoryMiB[name] ?? Number.NaN, 'MiB'),
    ),
  ]);
  return [
    ...each,
    atMost(
      'Firestore operations per image, last stage of the first',
      last.firestore / first.firestore,
      1.05,
      'x',
    ),
    ...kinds,
  ];
}
