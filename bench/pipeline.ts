import { LocalRun } from './local-run.ts';
import { photo, variant } from './photo.ts';
import {
  atLeast,
  atMost,
  type BenchOptions,
  type Figure,
  figure,
  median,
  percentile,
  report,
} from './report.ts';

/** Uploads under way at once: enough to keep both functions busy while the model thinks. */
const IN_FLIGHT = { atOnce: 16, slow: 48 };

/** Upload to result on this machine: latency one at a time, throughput with the model answering at once and in a second, memory. */
export async function run(options: BenchOptions) {
  const local = await LocalRun.start();
  try {
    const jpeg = await photo(4032, 3024);
    options.progress(
      `a 12 MP photo of ${(jpeg.length / 1e6).toFixed(1)} MB; booted in ${Math.round(local.bootMs)} ms`,
    );
    const pictures = (prefix: string, from: number) => (i: number) =>
      [`${prefix}/${i}.jpg`, variant(jpeg, from + i)] as [string, Buffer];

    await local.many(options.short ? 4 : 40, 4, pictures('warm', 0));
    const latencies: number[] = [];
    for (let i = 0; i < (options.short ? 5 : 40); i += 1)
      latencies.push((await local.one(...pictures('one', 1_000)(i))).ms);
    options.progress(`one at a time: p50 ${Math.round(median(latencies))} ms`);

    const many = options.short ? 20 : 300;
    const quick = await local.many(many, IN_FLIGHT.atOnce, pictures('quick', 2_000));
    options.progress(`${many} photos: ${quick.toFixed(1)} images/s`);
    await local.behave({ latencyMs: 1_000 });
    const slow = await local.many(many, IN_FLIGHT.slow, pictures('slow', 3_000));
    options.progress(`${many} photos, the model answering in 1 s: ${slow.toFixed(1)} images/s`);

    return report(
      'pipeline',
      options,
      [
        figure('boot of the local cloud', local.bootMs, 'ms'),
        atMost('upload finished to result, one at a time, p50', median(latencies), 250, 'ms'),
        figure('upload finished to result, one at a time, p95', percentile(latencies, 95), 'ms'),
        figure(`throughput over ${many} photos, model at once`, quick, 'images/s'),
        atLeast(`throughput over ${many} photos, model in 1 s`, slow, 10, 'images/s'),
        ...(options.short ? [] : await memoryFigures(local, jpeg, options)),
      ],
      ['12 MP photos; storage, database, bus, simulated model and this benchmark run on the same cores.'],
    );
  } finally {
    await local.close();
  }
}

/** Memory when the processes are warm, and many photos later. */
async function memoryFigures(local: LocalRun, jpeg: Buffer, { progress }: BenchOptions): Promise<Figure[]> {
  await local.behave({ latencyMs: 0 });
  const photos = 1_000;
  const before = local.memory();
  for (let done = 0; done < photos; done += 200) {
    await local.many(200, IN_FLIGHT.atOnce, (i) => [
      `memory/${done + i}.jpg`,
      variant(jpeg, 10_000 + done + i),
    ]);
    progress(`${done + 200} more photos: ${JSON.stringify(local.memory())} MiB`);
  }
  return Object.entries(local.memory()).map(([name, mib]) =>
    figure(`memory of ${name} ${photos} photos later (before: ${before[name]})`, mib, 'MiB'),
  );
}
