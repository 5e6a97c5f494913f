import type { LocalCloud } from '../../local/cloud.ts';
import type { Behavior } from '../../local/gemini/behavior.ts';
import type { GeminiSimulator } from '../../local/gemini/server.ts';
import { TIME_SCALE } from './environment.ts';

/** What each call meets on its own: 13 % 429 with RetryInfo, 2 % 5xx, 3 % resets and hangs, 1 % spoiled answers. */
export const WEATHER: Partial<Behavior> = {
  timeScale: TIME_SCALE,
  latencyMs: { p50: 2_000, p95: 6_000 },
  errorRates: {
    quota429: 0.13,
    server500: 0.01,
    server503: 0.01,
    reset: 0.02,
    hang: 0.01,
    malformed: 0.005,
    cutOff: 0.005,
  },
  retryDelaySeconds: 25.08,
  quotas: {},
  outageUntil: 0,
  flexShedShare: 0.3,
  flexLatencyMs: { p50: 20_000, p95: 120_000 },
  priorityOverflowShare: 0.3,
  batchPendingMs: { p50: 150_000, p95: 600_000 },
  batchRowMs: 250,
  batchLongestMs: 1_500_000,
  batchEndRates: { failed: 0.08, expired: 0.04, stuck: 0.06 },
  batchCreateRates: { unheard: 0.1, lost: 0.05, quota: 0.05 },
};

/** 30 % duplicates, and delays that let later events overtake earlier ones. */
export const BUS_FAULTS = { duplicates: 0.3, delayMs: [0, 200] as [number, number] };

export interface Kill {
  name: string;
  at: number;
}

/** Everything that breaks on purpose. `at` and `lastsMs` from the start of the run, in milliseconds. */
interface Trouble {
  name: string;
  at: number;
  lastsMs: number;
  begin: () => void;
  end: () => void | Promise<void>;
}

const KILLABLE = ['resize-image', 'analyze-image', 'analyze-image', 'batch', 'sweep'] as const;
const SECOND = 1_000;

interface StormOptions {
  cloud: LocalCloud;
  model: GeminiSimulator;
  overMs: number;
  random: () => number;
  /** What a person does once the quota of the day has been raised. */
  dayQuotaRaised: () => Promise<void>;
  progress: (line: string) => void;
}

/** Lets everything happen; resolves with the kills when the last trouble is over. */
export async function rage(options: StormOptions): Promise<Kill[]> {
  const { cloud, overMs, random, progress } = options;
  const kills: Kill[] = [];
  const troubles = troublesOf(options);
  const killing = killTimes(overMs, random).map(({ at, name }) => ({
    at,
    run: () => {
      cloud.supervisor.kill(name);
      kills.push({ name, at: Date.now() });
    },
  }));
  const steps = [
    ...killing,
    ...troubles.flatMap(({ name, at, lastsMs, begin, end }) => [
      {
        at,
        run: () => {
          progress(`${name} for ${lastsMs} ms`);
          begin();
        },
      },
      { at: at + lastsMs, run: end },
    ]),
  ].sort((a, b) => a.at - b.at);

  const startedAt = Date.now();
  for (const { at, run } of steps) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, startedAt + at - Date.now())));
    await run();
  }
  return kills;
}

function troublesOf({ cloud, model, overMs, dayQuotaRaised }: StormOptions): Trouble[] {
  const at = (share: number) => Math.round(overMs * share);
  const broken = (server: 'storage' | 'firestore', how: 'unavailable' | 'hang') => ({
    begin: () => cloud[server].setFault(how),
    end: () => cloud[server].setFault('none'),
  });
  const calm = () => model.behave(WEATHER);
  const scaled = (ms: number) => Math.max(2 * SECOND, ms * TIME_SCALE);
  return [
    { name: 'Storage refuses', at: at(0.1), lastsMs: 3 * SECOND, ...broken('storage', 'unavailable') },
    {
      name: 'the quota window is empty',
      at: at(0.2),
      lastsMs: scaled(120 * SECOND),
      begin: () => model.behave({ quotas: { perMinute: 0 } }),
      end: calm,
    },
    { name: 'Firestore refuses', at: at(0.3), lastsMs: 3 * SECOND, ...broken('firestore', 'unavailable') },
    {
      name: 'the model is out (60 s)',
      at: at(0.42),
      lastsMs: scaled(60 * SECOND),
      begin: () => model.behave({ outageUntil: Date.now() + scaled(60 * SECOND) }),
      end: calm,
    },
    {
      name: 'the flex lane has no capacity',
      at: at(0.34),
      lastsMs: scaled(300 * SECOND),
      begin: () => model.behave({ flexShedShare: 1 }),
      end: calm,
    },
    { name: 'Storage hangs', at: at(0.52), lastsMs: 3 * SECOND, ...broken('storage', 'hang') },
    {
      name: 'the spend limit of 10 minutes is used up',
      at: at(0.62),
      lastsMs: scaled(600 * SECOND) / 2,
      begin: () => model.behave({ errorRates: { spend429: 1 }, retryDelaySeconds: 300 }),
      end: calm,
    },
    {
      name: 'the model takes calls and never answers',
      at: at(0.69),
      lastsMs: scaled(500 * SECOND),
      begin: () => model.behave({ errorRates: { hang: 1 } }),
      end: calm,
    },
    { name: 'Firestore hangs', at: at(0.78), lastsMs: 3 * SECOND, ...broken('firestore', 'hang') },
    {
      name: 'the quota of the day is used up',
      at: at(0.87),
      lastsMs: 3 * SECOND,
      begin: () => model.behave({ quotas: { perDay: 0 } }),
      end: async () => {
        calm();
        await dayQuotaRaised();
      },
    },
  ];
}

const KILL_EVERY_MS = 15 * SECOND;

function killTimes(overMs: number, random: () => number): { at: number; name: string }[] {
  const count = Math.max(4, Math.floor(overMs / KILL_EVERY_MS));
  return Array.from({ length: count }, () => ({
    at: Math.round(random() * overMs),
    name: KILLABLE[Math.floor(random() * KILLABLE.length)] ?? 'analyze-image',
  }));
}
