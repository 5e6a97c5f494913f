import { describe, expect, it } from 'vitest';
import { bars, niceScale } from '../../bench/loadtest/charts.ts';
import { drive, dueOf } from '../../bench/loadtest/drive.ts';
import { readOptions } from '../../bench/loadtest/options.ts';
import { type LoadReport, page } from '../../bench/loadtest/page.ts';
import { factsOf, type Sample } from '../../bench/loadtest/sample.ts';
import { summarize } from '../../bench/loadtest/summary.ts';

const sample = (changes: Partial<Sample> = {}): Sample => ({
  dueAt: 0,
  endedAt: 1_000,
  outcome: 'completed',
  stages: { queue: 100, prepare: 200, model: 600, store: 50 },
  calls: 1,
  tokens: 900,
  usd: 0.001,
  ...changes,
});

const LEVEL = { kind: 'closed', concurrency: 2 } as const;

const summaryOf = (samples: Sample[], targetMs = 5_000) =>
  summarize(LEVEL, { samples, warmUp: 0, saturated: false }, targetMs);

describe('the summary of a level', () => {
  it('counts failures by code and keeps them in the latency', () => {
    const summary = summaryOf([
      sample(),
      sample({ outcome: 'MODEL_BLOCKED', endedAt: 3_000 }),
      sample({ outcome: 'MODEL_BLOCKED', endedAt: 3_000 }),
    ]);
    expect(summary).toMatchObject({ sent: 3, succeeded: 1, failed: { MODEL_BLOCKED: 2 } });
    expect(summary.total.p50).toBe(3_000);
  });

  it('counts as goodput only successes within the target', () => {
    const summary = summaryOf([sample({ endedAt: 2_000 }), sample({ endedAt: 4_000 })], 2_000);
    expect(summary.perSecond).toBe(0.5);
    expect(summary.goodPerSecond).toBe(0.25);
  });

  it('takes every call beyond the first for a repetition and prices a thousand pictures', () => {
    const summary = summaryOf([sample({ calls: 3, usd: 0.003 }), sample()]);
    expect(summary.retries).toBe(2);
    expect(summary.usdPer1000).toBeCloseTo(2);
    expect(summary.tokens).toBe(1_800);
  });

  it('reads stages, calls, tokens and money off a result', () => {
    const facts = factsOf({
      status: 'completed',
      timings: { queueMs: 5, downloadMs: 10, resizeMs: 70, uploadMs: 20, modelMs: 900, storeMs: 8 },
      attempts: [{ tokens: null }, { tokens: { prompt: 700, thoughts: 10, output: 90 } }],
      cost: { usd: 0.0004 },
    });
    expect(facts).toEqual({
      outcome: 'completed',
      stages: { queue: 5, prepare: 100, model: 900, store: 8 },
      calls: 2,
      tokens: 800,
      usd: 0.0004,
    });
  });
});

describe('arrivals at a rate', () => {
  it('rise over the first second and then come evenly', () => {
    expect(dueOf(0, 10)).toBe(0);
    expect(dueOf(5, 10)).toBe(1_000);
    expect(dueOf(15, 10)).toBe(2_000);
  });

  it('go on whatever becomes of the earlier ones, and count from when they were due', async () => {
    let answer: (() => void) | undefined;
    const stalled = new Promise<void>((resolve) => {
      answer = resolve;
    });
    let sent = 0;
    const { samples } = await drive({ kind: 'open', perSecond: 200 }, 0, {
      images: 20,
      send: async () => {
        sent += 1;
        if (sent === 20) answer?.();
        await stalled;
        return { status: 'completed' };
      },
      mustStop: () => false,
      onSample: () => undefined,
    });
    expect(samples).toHaveLength(18);
    expect(samples.every(({ endedAt, dueAt }) => endedAt >= dueAt)).toBe(true);
  });

  it('end when the money is spent', async () => {
    let sent = 0;
    await drive({ kind: 'closed', concurrency: 1 }, 0, {
      images: 50,
      send: async () => {
        sent += 1;
        return { status: 'completed' };
      },
      mustStop: () => sent >= 3,
      onSample: () => undefined,
    });
    expect(sent).toBe(3);
  });
});

describe('the options of a load test', () => {
  it('read levels of either kind', () => {
    expect(readOptions(['--concurrency', '10,50']).levels).toEqual([
      { kind: 'closed', concurrency: 10 },
      { kind: 'closed', concurrency: 50 },
    ]);
    expect(readOptions(['--rate', '5/s,0.5/s']).levels).toEqual([
      { kind: 'open', perSecond: 5 },
      { kind: 'open', perSecond: 0.5 },
    ]);
  });

  it('are small ones in a short test, except for those that are said', () => {
    expect(readOptions(['--short', '--images', '9'])).toMatchObject({
      images: 9,
      megapixels: 1,
      levels: [{ kind: 'closed', concurrency: 2 }],
    });
    expect(readOptions([])).toMatchObject({ images: 100, megapixels: 12 });
  });

  it.each([
    [['--rate', '5/s', '--concurrency', '2'], /not both/],
    [['--target', 'nowhere'], /--target is local or the address/],
    [['--images', 'many'], /--images: many is no such number/],
    [['--concurrency', '0'], /--concurrency: 0 is no such number/],
  ])('refuse %j with a sentence', (args, sentence) => {
    expect(() => readOptions(args)).toThrow(sentence);
  });
});

describe('the report page', () => {
  const report: LoadReport = {
    at: '2026-11-20T00:00:00.000Z',
    command: 'npm run loadtest',
    target: 'https://<api>',
    machine: 'a machine',
    node: 'v24',
    targetMs: 5_000,
    levels: [summaryOf([sample(), sample({ outcome: 'MODEL_TIMEOUT' })])],
    notes: [],
  };

  it('needs nothing from elsewhere and has colors for light and dark', () => {
    const html = page(report, [[sample()]]);
    expect(html).not.toMatch(/<script|<link|src=|url\(|@import|href=/);
    expect(html).toContain('prefers-color-scheme: dark');
    expect(html).toContain('https://&lt;api&gt;');
    expect(html.match(/<svg/g)).toHaveLength(4);
    expect(html).not.toContain('NaN');
  });

  it('draws bars as high as their values', () => {
    const heights = [
      ...bars('t', 'ms', ['a', 'b'], [{ name: 's', values: [50, 100] }]).matchAll(/ height="([\d.]+)" fill/g),
    ].map(([, height]) => Number(height));
    expect(heights[1]).toBeCloseTo((heights[0] ?? 0) * 2);
  });

  it.each([
    [0, 1],
    [7, 8],
    [100, 100],
    [3_200, 4_000],
  ])('ends the axis of %d at %d', (largest, top) => {
    expect(niceScale(largest).top).toBe(top);
  });
});
