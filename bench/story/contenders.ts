import { PriceList } from '../../shared/prices/price-list.ts';
import { median, percentile } from '../report.ts';
import type { Ask, Picture } from './ask.ts';
import { ourAsk } from './ours.ts';
import { inVirtualTime, wait } from './virtual-clock.ts';
import { type Conditions, callGemini, isTransient, Uplink, WORLD } from './world.ts';
export type Contender = 'naive' | 'resized' | 'fixed backoff' | 'ours' | 'ours, 10 % unsure at first';

export interface Outcome {
  meanMs: number;
  p95Ms: number;
  /** Shares, 0..1. */
  withinDeadline: number;
  eventually: number;
  medianPayloadBytes: number;
  p95PayloadBytes: number;
  usdPer1000: number;
  callsPerPicture: number;
}

/** The waits of a script with "exponential backoff", and its attempts with them. */
const FIXED_WAITS_MS = [4_000, 8_000, 16_000, 32_000, 60_000];

/** Scripts ask without a ladder, at the default resolution (HIGH). */
const SCRIPT_MODEL = 'gemini-3.5-flash-lite';

/** Works through the pictures, two at a time, on a clock of its own. */
export function play(
  contender: Contender,
  pictures: readonly Picture[],
  conditions: Conditions,
  random: () => number,
): Promise<Outcome> {
  return inVirtualTime(async () => {
    const ask = asker(contender, new Uplink(conditions), random);
    const done: { ms: number; ok: boolean; calls: number; usd: number }[] = [];
    let next = 0;
    const worker = async () => {
      for (let i = next++; i < pictures.length; i = next++) {
        const [picture, startedAt] = [pictures[i], Date.now()];
        if (picture) done.push({ ...(await ask(picture)), ms: Date.now() - startedAt });
      }
    };
    await Promise.all(Array.from({ length: WORLD.workers }, worker));
    return summarize(
      done,
      pictures.map((picture) => payloadOf(contender, picture)),
    );
  });
}

const payloadOf = (contender: Contender, { originalBytes, preparedBytes }: Picture): number =>
  contender === 'naive' ? originalBytes : preparedBytes;

function asker(contender: Contender, uplink: Uplink, random: () => number): Ask {
  switch (contender) {
    case 'naive':
      return script(uplink, random, { bytes: (picture) => picture.originalBytes, prepareMs: 0, waits: [] });
    case 'resized':
      return script(uplink, random, {
        bytes: (picture) => picture.preparedBytes,
        prepareMs: WORLD.pillowMs,
        waits: [],
      });
    case 'fixed backoff':
      return script(uplink, random, {
        bytes: (picture) => picture.preparedBytes,
        prepareMs: WORLD.pillowMs,
        waits: FIXED_WAITS_MS,
      });
    case 'ours':
      return ourAsk(uplink, random, 0);
    case 'ours, 10 % unsure at first':
      return ourAsk(uplink, random, 0.1);
  }
}

interface Script {
  bytes: (picture: Picture) => number;
  prepareMs: number;
  waits: readonly number[];
}

function script(uplink: Uplink, random: () => number, { bytes, prepareMs, waits }: Script): Ask {
  const prices = new PriceList();
  return async (picture) => {
    await wait(prepareMs);
    const image = prices.imageTokens(SCRIPT_MODEL, picture, 'HIGH');
    const usage = {
      prompt: WORLD.promptTokens + image,
      image,
      cached: 0,
      thoughts: 0,
      output: WORLD.outputTokens,
    };
    for (let attempt = 0; ; attempt += 1) {
      try {
        await callGemini(uplink, bytes(picture), random);
        const { nanos } = prices.costOf({
          version: SCRIPT_MODEL,
          requested: SCRIPT_MODEL,
          usage,
          atMs: Date.now(),
        });
        return { ok: true, calls: attempt + 1, usd: nanos / 1e9 };
      } catch (error) {
        const pause = waits[attempt];
        if (pause === undefined || !isTransient(error)) return { ok: false, calls: attempt + 1, usd: 0 };
        await wait(pause);
      }
    }
  };
}

function summarize(
  done: readonly { ms: number; ok: boolean; calls: number; usd: number }[],
  payloads: readonly number[],
): Outcome {
  const answered = done.filter(({ ok }) => ok);
  const times = answered.map(({ ms }) => ms);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    meanMs: sum(times) / times.length,
    p95Ms: percentile(times, 95),
    withinDeadline: answered.filter(({ ms }) => ms <= WORLD.deadlineMs).length / done.length,
    eventually: answered.length / done.length,
    medianPayloadBytes: median(payloads),
    p95PayloadBytes: percentile(payloads, 95),
    usdPer1000: (sum(done.map(({ usd }) => usd)) / done.length) * 1_000,
    callsPerPicture: sum(done.map(({ calls }) => calls)) / done.length,
  };
}
