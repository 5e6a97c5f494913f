import { z } from 'zod';
import { answerOf, start } from './child.ts';
import { atMost, type BenchOptions, type Figure, figure, median, percentile, report } from './report.ts';

/** What a 12 MP photo is at 2048 pixels. */
const IMAGE_BYTES = 380_000;

const measured = z.object({ added: z.array(z.number()), cpuMsPerCall: z.number(), peakMiB: z.number() });

/** Calls under way at which the goals are measured. */
const HELD = 20;

/** What our client adds to a model call: time and CPU around an endpoint that answers after a fixed time. */
export async function run(options: BenchOptions) {
  const delayMs = options.short ? 50 : 500;
  const endpoint = start('model-client/endpoint.ts', [delayMs]);
  try {
    const { url } = await answerOf(endpoint, z.object({ url: z.string() }));
    const figures: Figure[] = [];
    for (const inFlight of options.short ? [1, HELD] : [1, HELD, 200]) {
      const calls = inFlight * (options.short ? 3 : inFlight === 1 ? 40 : 15);
      const caller = start('model-client/caller.ts', [url, inFlight, calls, delayMs, IMAGE_BYTES]);
      const found = await answerOf(caller, measured);
      options.progress(`${inFlight} in flight: ${median(found.added).toFixed(1)} ms added`);
      figures.push(...levelFigures(inFlight, found));
      if (inFlight === HELD) figures.push(...(await sdkAlone(url, calls, delayMs)));
    }
    if (!options.short) figures.push(await boundedMemory(url, delayMs));
    return report('model-client', options, figures, [
      `The endpoint answers ${delayMs} ms after it has the whole request; a picture of ${IMAGE_BYTES / 1000} KB as base64 in JSON.`,
      'Added: from the picture’s bytes to the checked reply, less the endpoint’s time. CPU of the calling process, all threads.',
    ]);
  } finally {
    endpoint.disconnect();
  }
}

/** What the vendor's client costs alone, at the level that the goals are about. */
async function sdkAlone(url: string, calls: number, delayMs: number): Promise<Figure[]> {
  const args = [url, HELD, calls, delayMs, IMAGE_BYTES, 0, 'sdk'];
  const { added, cpuMsPerCall } = await answerOf(start('model-client/caller.ts', args), measured);
  return [
    figure(`${HELD} in flight, the vendor’s client alone: added, p50`, median(added), 'ms'),
    figure(`${HELD} in flight, the vendor’s client alone: CPU per call`, cpuMsPerCall, 'ms'),
  ];
}

/** The slots of a deployed instance (MODEL_MAX_CONCURRENCY). */
const SLOTS = 32;

/** What the limiter is for besides quotas: bodies exist only for the calls that run. */
async function boundedMemory(url: string, delayMs: number): Promise<Figure> {
  const caller = start('model-client/caller.ts', [url, 200, 1_000, delayMs, IMAGE_BYTES, SLOTS]);
  const { peakMiB } = await answerOf(caller, measured);
  return figure(`200 asking, ${SLOTS} slots: peak memory`, peakMiB, 'MiB');
}

function levelFigures(
  inFlight: number,
  { added, cpuMsPerCall, peakMiB }: z.infer<typeof measured>,
): Figure[] {
  const [p50, cpu] = [`${inFlight} in flight: added, p50`, `${inFlight} in flight: CPU per call`];
  const held = inFlight === HELD;
  return [
    held ? atMost(p50, median(added), 6, 'ms') : figure(p50, median(added), 'ms'),
    figure(`${inFlight} in flight: added, p95`, percentile(added, 95), 'ms'),
    held ? atMost(cpu, cpuMsPerCall, 3, 'ms') : figure(cpu, cpuMsPerCall, 'ms'),
    figure(`${inFlight} in flight: peak memory`, peakMiB, 'MiB'),
  ];
}
