import { type Pipeline, SHORT_LEASES, startPipeline } from '../support/pipeline.ts';

/** The cloud with a sweep that only runs when told, and images that count as standing still after a second. */
export const startSweptPipeline = (
  options: Parameters<typeof startPipeline>[0] = {},
  leases: Partial<typeof SHORT_LEASES> = SHORT_LEASES,
): Promise<Pipeline> =>
  startPipeline({
    functions: ['resize-image', 'analyze-image', 'sweep'],
    sweepEveryMs: 0,
    ...leases,
    ...options,
    // It holds no lease: on a busy machine it may take its time.
    functionEnv: { ...options.functionEnv, sweep: { FUNCTION_TIMEOUT_MS: '60000' } },
    env: { ...leases.env, STALE_MS: '1000', CONTROL_CACHE_MS: '50', ...options.env },
  });

export interface SweepReport {
  due: number;
  resumed: { resize: number; analyze: number };
  changed: number;
  failed: number;
  more: boolean;
  paused: boolean;
  executionsPerImage: number | null;
}

export async function sweep(pipeline: Pipeline): Promise<SweepReport> {
  const response = await fetch(pipeline.cloud.url('sweep'), { method: 'POST', body: '{}' });
  if (response.status !== 200) throw new Error(`sweep answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as SweepReport;
}

/** Sweeps until the condition holds. */
export async function sweepUntil(
  pipeline: Pipeline,
  condition: () => Promise<boolean>,
  withinMs = 100_000,
): Promise<void> {
  const endsAt = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > endsAt)
      throw new Error(`not within ${withinMs} ms: ${JSON.stringify(await sweep(pipeline))}`);
    await sweep(pipeline);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
