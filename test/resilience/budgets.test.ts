import { describe, expect, it, vi } from 'vitest';
import { deadlineOf, SharedDeadline, withDeadline } from '../../shared/base/resilience/deadline.ts';
import { RetryBudget } from '../../shared/base/resilience/retry.ts';
import { RollingWindow } from '../../shared/base/resilience/rolling-window.ts';
import { seededRandom } from '../../shared/base/seeded-random.ts';
import { TrackRecord } from '../../shared/model/gate/routing.ts';
import { NOON, withClock } from './clock.ts';

withClock();

describe('the retry budget', () => {
  it('multiplies calls by little more than 1.2 when everything fails', () => {
    const budget = new RetryBudget({ perCall: 0.2, perSecond: 0, capacity: 10 });
    let retries = 0;
    for (let call = 0; call < 1_000; call += 1) {
      budget.earn();
      while (budget.spend()) {
        retries += 1;
        budget.earn();
      }
    }
    expect(retries).toBeGreaterThan(200);
    expect(retries).toBeLessThanOrEqual((1_000 * 0.2 + 10) / 0.8);
  });

  it('grants every retry at independent errors of one call in ten', () => {
    const random = seededRandom(3);
    const budget = new RetryBudget({ perCall: 0.2, perSecond: 0, capacity: 10 });
    for (let call = 0; call < 5_000; call += 1) {
      budget.earn();
      while (random() < 0.1) {
        expect(budget.spend()).toBe(true);
        budget.earn();
      }
    }
  });

  it('earns by time alone, so that an instance with little work may retry', async () => {
    const budget = new RetryBudget({ perCall: 0.2, perSecond: 0.5, capacity: 2 });
    expect([budget.spend(), budget.spend(), budget.spend()]).toEqual([true, true, false]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect([budget.spend(), budget.spend()]).toEqual([true, false]);
  });
});

describe('deadlines', () => {
  it('are known to anyone who holds the signal, the nearest of several', async () => {
    await withDeadline(10_000, undefined, (outer) =>
      withDeadline(20_000, outer, async (inner) => {
        expect(deadlineOf(inner)).toBe(NOON + 10_000);
      }),
    );
    expect(deadlineOf(new AbortController().signal)).toBe(Number.POSITIVE_INFINITY);
  });

  it('that are shared run from the first call under the same signal', async () => {
    const shared = new SharedDeadline(1_000);
    const { signal } = new AbortController();
    expect(shared.leftMs(signal)).toBe(1_000);
    await vi.advanceTimersByTimeAsync(700);
    expect(shared.leftMs(signal)).toBe(300);
    expect(shared.leftMs(new AbortController().signal)).toBe(1_000);
    await vi.advanceTimersByTimeAsync(700);
    expect(shared.leftMs(signal)).toBe(0);
  });
});

describe('a rolling window', () => {
  it('has no seam: what was taken counts for a whole window, to the millisecond', () => {
    const window = new RollingWindow(2, 60_000);
    window.take(1, NOON);
    window.take(1, NOON + 59_000);
    expect(window.availableAt(1, NOON + 59_999)).toBe(NOON + 60_000);
    expect(window.availableAt(2, NOON + 59_999)).toBe(NOON + 119_000);
    expect(window.used(NOON + 60_000)).toBe(1);
  });

  it('tells when there is room behind others, however many windows they fill', () => {
    const window = new RollingWindow(10, 60_000);
    for (let i = 0; i < 10; i += 1) window.take(1, NOON);
    expect(window.availableAt(1, NOON, 9)).toBe(NOON + 60_000);
    expect(window.availableAt(1, NOON, 10)).toBe(NOON + 120_000);
    expect(window.availableAt(1, NOON, 25)).toBe(NOON + 180_000);
  });

  it('lets an amount over the limit pass alone', () => {
    const window = new RollingWindow(10, 60_000);
    expect(window.availableAt(50, NOON)).toBe(NOON);
    window.take(50, NOON);
    expect(window.availableAt(1, NOON)).toBe(NOON + 60_000);
  });

  it('without a limit always has room', () => {
    const window = new RollingWindow(0, 60_000);
    window.take(1e9, NOON);
    expect(window.availableAt(1e9, NOON)).toBe(NOON);
  });

  it('costs the same however much passed through it', () => {
    const window = new RollingWindow(1_000_000, 60_000);
    for (let i = 0; i < 200_000; i += 1) window.take(1, NOON + i);
    expect(window.used(NOON + 200_000)).toBe(59_999);
  });
});

describe('a track record', () => {
  const record = () => new TrackRecord({ weight: 0.3, halfLifeMs: 60_000 });

  it('expects nothing of whom it does not know, so that it is tried', () => {
    expect(record().expectedMs(NOON)).toBe(0);
  });

  it('follows a change of speed within a few calls', () => {
    const one = record();
    for (let i = 0; i < 20; i += 1) one.answered(100);
    for (let i = 0; i < 10; i += 1) one.answered(1_000);
    expect(one.expectedMs(NOON)).toBeGreaterThan(900);
  });

  it('counts a failure as time lost, and forgets it by half every half-life', async () => {
    const one = record();
    one.answered(100);
    one.failed();
    expect(one.expectedMs(NOON)).toBeCloseTo(100 / 0.7);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(one.failureShare(Date.now())).toBeCloseTo(0.15);
  });
});
