import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { buildDeployable } from '../build/deployable.ts';
import { normalize } from '../functions/resize-image/picture/normalize.ts';
import { wantedPicture } from '../shared/profiles/index.ts';
import { answerOf, start } from './child.ts';
import { FUNCTIONS, LocalRun } from './local-run.ts';
import { type Cost, measure } from './measure.ts';
import { photo, variant } from './photo.ts';
import { atMost, type BenchOptions, figure, median, report } from './report.ts';

interface Block {
  /** CPU milliseconds per event. */
  resize: number;
  analyze: number;
  alone: number;
  clients: number;
  walls: Record<string, number>[];
}

const MODULES = fileURLToPath(new URL('../node_modules', import.meta.url));

/**
 * One warm event in each function as it is deployed, with real client libraries: the resize's against the same resize
 * without a cloud, the analyze's against the calls of the clients with nothing around them.
 */
export async function run(options: BenchOptions) {
  const folder = await mkdtemp(join(tmpdir(), 'bench-event-'));
  try {
    return await measured(await LocalRun.start({ sources: await built(folder) }), options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Bundles of both functions, with what they need installed. */
async function built(folder: string): Promise<Record<string, string>> {
  await symlink(MODULES, join(folder, 'node_modules'));
  const bundles = FUNCTIONS.map(async (name) => {
    const deployable = await buildDeployable(name, folder);
    return [name, join(deployable.folder, 'index.mjs')] as const;
  });
  return Object.fromEntries(await Promise.all(bundles));
}

async function measured(local: LocalRun, options: BenchOptions) {
  const clients = await ClientsAlone.start(local.cloud.modelUrl ?? '');
  try {
    const original = await photo(4032, 3024);
    const small = await photo(1024, 768);
    // An instance is warm when its code has been compiled for good, not after its first events.
    await local.many(options.short ? 8 : 400, 4, (i) => [`warm/${i}.jpg`, variant(small, i)]);
    const events = options.short ? 3 : 20;
    await clients.cpuMs(options.short ? 8 : 400);
    const blocks: Block[] = [];
    // The first block warms the large buffers up.
    for (let round = -1; round < (options.short ? 2 : 8); round += 1) {
      const block = await oneBlock(local, clients, original, (round + 3) * 1000, events);
      if (round >= 0) blocks.push(block);
      options.progress(
        `resize ${block.resize.toFixed(1)}, alone ${block.alone.toFixed(1)}, analyze ${block.analyze.toFixed(1)} CPU ms`,
      );
    }
    const of = (pick: (block: Block) => number) => median(blocks.map(pick));
    const wall = (name: string) =>
      median(blocks.flatMap((block) => block.walls.map((times) => times[name] ?? 0)));
    return report(
      'event',
      options,
      [
        figure(
          'resize event',
          of((block) => block.resize),
          'CPU ms',
        ),
        figure(
          'its resize alone',
          of((block) => block.alone),
          'CPU ms',
        ),
        atMost(
          'resize event, CPU of its resize alone',
          of((block) => block.resize / block.alone),
          1.25,
          'x',
        ),
        atMost(
          'analyze event, the model answering at once',
          of((block) => block.analyze),
          8,
          'CPU ms',
        ),
        figure(
          'its calls with the clients alone',
          of((block) => block.clients),
          'CPU ms',
        ),
        figure(
          'analyze event, CPU of its calls alone',
          of((block) => block.analyze / block.clients),
          'x',
        ),
        figure('download of the original', wall('downloadMs'), 'ms'),
        figure('resize', wall('resizeMs'), 'ms'),
        figure('model', wall('modelMs'), 'ms'),
        figure('Firestore, both functions', wall('storeMs'), 'ms'),
        figure('from upload to result', wall('totalMs'), 'ms'),
      ],
      [
        'The built functions, uploads one at a time through the local cloud; CPU of the function’s process alone, all threads, framework and logs included.',
      ],
    );
  } finally {
    clients.close();
    await local.close();
  }
}

/** A process that makes the calls of an analyze event with the vendors' clients alone. */
class ClientsAlone {
  readonly #child: ReturnType<typeof start>;

  private constructor(child: ReturnType<typeof start>) {
    this.#child = child;
  }

  static async start(modelUrl: string): Promise<ClientsAlone> {
    const child = start('./event/clients-alone.ts', [modelUrl]);
    await answerOf(child, z.literal('ready'));
    return new ClientsAlone(child);
  }

  /** CPU milliseconds of one event's calls. */
  async cpuMs(events: number): Promise<number> {
    const answer = answerOf(this.#child, z.object({ cpuMs: z.number() }));
    this.#child.send(events);
    return (await answer).cpuMs;
  }

  close(): void {
    this.#child.kill();
  }
}

async function oneBlock(
  local: LocalRun,
  clients: ClientsAlone,
  original: Buffer,
  seed: number,
  events: number,
): Promise<Block> {
  const before = local.cpu();
  const walls: Record<string, number>[] = [];
  for (let i = 0; i < events; i += 1) {
    const { data } = await local.one(`event/${seed + i}.jpg`, variant(original, seed + i));
    walls.push(data['timings'] as Record<string, number>);
  }
  // A function answers its event after the result is there.
  await new Promise((resolve) => setTimeout(resolve, 100));
  const after = local.cpu();
  const spent = (name: string) => ((after[name] ?? 0) - (before[name] ?? 0)) / events;
  const alone: Cost[] = [];
  for (let i = 0; i < events; i += 1) {
    const bytes = variant(original, seed + i);
    alone.push(
      await measure(() => normalize(bytes, { ...wantedPicture({ maxSide: 2048 }), maxPixels: 100_000_000 })),
    );
  }
  return {
    resize: spent('resize-image'),
    analyze: spent('analyze-image'),
    clients: await clients.cpuMs(events),
    alone: alone.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / events,
    walls,
  };
}
