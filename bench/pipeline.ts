import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalCloud, startLocalCloud } from '../local/cloud.ts';
import { UPLOADS_BUCKET } from '../local/topology.ts';
import { Documents } from '../shared/firestore/documents.ts';
import { resultId } from '../shared/results/id.ts';
import { Buckets } from '../shared/storage/buckets.ts';
import { photo, variant } from './photo.ts';
import {
  atLeast,
  atMost,
  type BenchOptions,
  figure,
  median,
  percentile,
  type Report,
  report,
} from './report.ts';

const FUNCTIONS = ['resize-image', 'analyze-image'] as const;

/** Upload to result on this machine, with the model answering at once: latency one at a time, throughput, memory over time. */
export async function run(options: BenchOptions): Promise<Report> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bench-pipeline-'));
  const bootStarted = performance.now();
  const cloud = await startLocalCloud({
    dataDir,
    functions: [...FUNCTIONS],
    model: { kind: 'simulator', reader: 'none' },
    functionEnv: { 'analyze-image': { MODEL_MAX_CONCURRENCY: '64' } },
  });
  const bootMs = performance.now() - bootStarted;
  let runner: Runner | undefined;
  try {
    Object.assign(process.env, cloud.clientEnv);
    runner = new Runner(cloud);
    const jpeg = await photo(4032, 3024);
    options.progress(
      `a 12 MP photo of ${(jpeg.length / 1e6).toFixed(1)} MB; booted in ${Math.round(bootMs)} ms`,
    );

    const single = options.short ? 5 : 40;
    for (let i = 0; i < 3; i += 1) await runner.one(`warm/${i}.jpg`, variant(jpeg, i));
    const latencies: number[] = [];
    for (let i = 0; i < single; i += 1)
      latencies.push(await runner.one(`one/${i}.jpg`, variant(jpeg, 100 + i)));
    options.progress(`one at a time: p50 ${Math.round(median(latencies))} ms`);

    const many = options.short ? 20 : 200;
    const perSecond = await runner.many(many, jpeg, 'many');
    options.progress(`${many} photos: ${perSecond.toFixed(1)} images/s`);

    const figures = [
      figure('boot of the local cloud', bootMs, 'ms'),
      atMost('upload finished to result, one at a time, p50', median(latencies), 250, 'ms'),
      figure('upload finished to result, one at a time, p95', percentile(latencies, 95), 'ms'),
      atLeast(`throughput over ${many} photos`, perSecond, 5, 'images/s'),
    ];
    if (!options.short) figures.push(...(await memoryFigures(cloud, runner, jpeg, many + single, options)));
    return report('pipeline', options, figures, [
      'The model answers in 0 ms; storage, database and bus run on the same cores.',
    ]);
  } finally {
    await runner?.close();
    await cloud.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function memoryFigures(
  cloud: LocalCloud,
  runner: Runner,
  jpeg: Buffer,
  so_far: number,
  options: BenchOptions,
) {
  const before = memory(cloud);
  const target = 1000;
  for (let done = so_far; done < target; done += 100) {
    await runner.many(Math.min(100, target - done), jpeg, `memory-${done}`);
    options.progress(`${Math.min(done + 100, target)} photos: ${JSON.stringify(memory(cloud))} MiB`);
  }
  const after = memory(cloud);
  return Object.entries(after).map(([name, mib]) =>
    figure(`memory of ${name} after 1,000 photos (after ${so_far}: ${before[name]})`, mib, 'MiB'),
  );
}

const memory = (cloud: LocalCloud): Record<string, number> => ({
  ...Object.fromEntries(
    [...FUNCTIONS, 'gemini-simulator'].map((name) => [
      name,
      Math.round(cloud.supervisor.memory(name) / 1_048_576),
    ]),
  ),
  'servers and this benchmark': Math.round(process.memoryUsage.rss() / 1_048_576),
});

/** Uploads with the real client and learns of results from one listener. */
class Runner {
  readonly #buckets = new Buckets();
  readonly #documents: Documents;
  readonly #unwatch: () => void;
  readonly #waiting = new Map<string, (at: number) => void>();

  constructor(cloud: LocalCloud) {
    this.#documents = new Documents({ projectId: cloud.clientEnv['GOOGLE_CLOUD_PROJECT'] ?? 'local' });
    this.#unwatch = this.#documents.watch(
      'results',
      {
        where: [{ field: 'status', op: 'in', value: ['completed', 'failed', 'refused', 'parked'] }],
        limit: 100_000,
      },
      (changes) => {
        const at = performance.now();
        for (const { id, data } of changes) {
          if (data['status'] !== 'completed')
            throw new Error(`not completed: ${JSON.stringify(data['failure'])}`);
          this.#waiting.get(id)?.(at);
        }
      },
      (error) => {
        throw error;
      },
    );
  }

  async close(): Promise<void> {
    this.#unwatch();
    await this.#documents.close();
  }

  /** Milliseconds from the end of the upload to the result. */
  async one(name: string, bytes: Buffer): Promise<number> {
    const stored = new Promise<number>((resolve) =>
      this.#waiting.set(resultId({ bucket: UPLOADS_BUCKET, name }), resolve),
    );
    await this.#buckets.create({ bucket: UPLOADS_BUCKET, name }, bytes, { contentType: 'image/jpeg' });
    const uploaded = performance.now();
    return (await stored) - uploaded;
  }

  /** Images per second from the first upload's start to the last result, at most 16 under way. */
  async many(count: number, jpeg: Buffer, prefix: string): Promise<number> {
    const started = performance.now();
    let next = 0;
    const lane = async () => {
      while (next < count) {
        const i = next;
        next += 1;
        await this.one(`${prefix}/${i}.jpg`, variant(jpeg, 1000 + i));
      }
    };
    await Promise.all(Array.from({ length: 16 }, lane));
    return (count / (performance.now() - started)) * 1000;
  }
}
