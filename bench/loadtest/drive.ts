import { pause } from '../measure.ts';
import type { Level } from './options.ts';
import { factsOf, latencyOf, type Sample } from './sample.ts';

interface DriveOptions {
  images: number;
  /** Sends one picture; the number is unique in the whole test. */
  send: (number: number) => Promise<object>;
  /** Asked before each picture: true ends the level, for instance because the money is spent. */
  mustStop: () => boolean;
  onSample: (sample: Sample, underWay: number) => void;
}

export interface Driven {
  /** Those after the warm-up, in order of their end. */
  samples: Sample[];
  warmUp: number;
  /** Arrivals outran the pipeline and the level was ended before its time. */
  saturated: boolean;
}

/** The first tenth of a level warms connections and code up and is not counted. */
const WARM_UP_SHARE = 0.1;

/** Workers and arrivals begin over this time, so that a level does not begin as one burst. Milliseconds. */
const RAMP_MS = 1_000;

/** An open loop is over its limit when this many seconds of arrivals wait for their end. */
const SATURATION_SECONDS = 20;
const LEAST_BACKLOG = 30;

export async function drive(level: Level, first: number, options: DriveOptions): Promise<Driven> {
  const state = new Run(first, options);
  const saturated =
    level.kind === 'closed'
      ? await closedLoop(state, level.concurrency, options)
      : await openLoop(state, level.perSecond, options);
  const warmUp = Math.floor(state.samples.length * WARM_UP_SHARE);
  const counted = state.samples.toSorted((a, b) => a.dueAt - b.dueAt).slice(warmUp);
  return { samples: counted.sort((a, b) => a.endedAt - b.endedAt), warmUp, saturated };
}

/** The next picture begins when one has ended: shows what a number of patient clients gets. */
async function closedLoop(
  run: Run,
  concurrency: number,
  { images, mustStop }: DriveOptions,
): Promise<boolean> {
  const workers = Math.min(concurrency, images);
  let begun = 0;
  const worker = async (index: number) => {
    await pause((RAMP_MS * index) / workers);
    while (begun < images && !mustStop()) {
      begun += 1;
      await run.one(performance.now());
    }
  };
  await Promise.all(Array.from({ length: workers }, (_, index) => worker(index)));
  return false;
}

/**
 * Pictures arrive at a rate, whatever became of the earlier ones, as people's uploads do. A late one counts from when it
 * was due, so that a pipeline which stalls cannot hide it by slowing the test down (coordinated omission).
 */
async function openLoop(run: Run, perSecond: number, { images, mustStop }: DriveOptions): Promise<boolean> {
  const started = performance.now();
  const all: Promise<void>[] = [];
  const mostWaiting = Math.max(LEAST_BACKLOG, perSecond * SATURATION_SECONDS);
  let saturated = false;
  for (let i = 0; i < images && !saturated && !mustStop(); i += 1) {
    const dueAt = started + dueOf(i, perSecond);
    // Timers count whole milliseconds: a fraction would be sent too early.
    await pause(Math.max(0, Math.ceil(dueAt - performance.now())));
    all.push(run.one(dueAt));
    saturated = run.underWay > mostWaiting;
  }
  await Promise.all(all);
  return saturated;
}

/** When arrival `index` is due, in milliseconds: the rate rises evenly over the ramp and then stays. */
export function dueOf(index: number, perSecond: number): number {
  // In the ramp n(t) = rate * t^2 / (2 * ramp) pictures have arrived, half as many as without one.
  const inRamp = (perSecond * RAMP_MS) / 2_000;
  if (index < inRamp) return Math.sqrt((index / inRamp) * RAMP_MS ** 2);
  return RAMP_MS + ((index - inRamp) / perSecond) * 1_000;
}

class Run {
  readonly samples: Sample[] = [];
  underWay = 0;
  readonly #options: DriveOptions;
  #number: number;

  constructor(first: number, options: DriveOptions) {
    this.#number = first;
    this.#options = options;
  }

  async one(dueAt: number): Promise<void> {
    const number = this.#number;
    this.#number += 1;
    this.underWay += 1;
    const facts = await this.#options.send(number).then(factsOf, (error: unknown) => ({
      outcome: error instanceof Error ? error.message : String(error),
      stages: {},
      calls: 0,
      tokens: 0,
      usd: 0,
    }));
    this.underWay -= 1;
    const sample = { dueAt, endedAt: performance.now(), ...facts };
    this.samples.push(sample);
    this.#options.onSample(sample, this.underWay);
  }
}

/** One line about how a level goes. */
export const progressLine = (samples: readonly Sample[], underWay: number): string => {
  const last = samples.at(-1);
  const failed = samples.filter(({ outcome }) => outcome !== 'completed').length;
  return `${samples.length} ended, ${underWay} under way, ${failed} failed, last after ${last ? Math.round(latencyOf(last)) : '-'} ms`;
};
