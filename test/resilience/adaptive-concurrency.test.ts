import { describe, expect, it } from 'vitest';
import { AdaptiveConcurrency } from '../../shared/base/resilience/adaptive-concurrency.ts';
import { seededRandom } from '../../shared/base/seeded-random.ts';
import { NOON } from './clock.ts';

const storm = (concurrency: AdaptiveConcurrency, size: number, startedAt: number, nowMs: number) => {
  for (let i = 0; i < size; i += 1) concurrency.overloaded(startedAt, nowMs + i);
};

describe('concurrency', () => {
  it('stays as it is while single calls are refused, as some always are', () => {
    const concurrency = new AdaptiveConcurrency({ ceiling: 32, coolDownMs: 0 });
    for (let i = 0; i < 1_000; i += 1) {
      if (i % 5 === 0) concurrency.overloaded(NOON + i, NOON + i);
      else concurrency.succeeded(3);
    }
    expect(concurrency.limit).toBe(32);
  });

  it('halves when four of the last ten calls are refused', () => {
    const concurrency = new AdaptiveConcurrency({ ceiling: 32, coolDownMs: 0 });
    for (let i = 0; i < 7; i += 1) {
      expect(concurrency.limit).toBe(32);
      if (i % 2 === 0) concurrency.overloaded(NOON, NOON);
      else concurrency.succeeded(3);
    }
    expect(concurrency.limit).toBe(16);
  });

  it('halves once per storm', () => {
    const concurrency = new AdaptiveConcurrency({ ceiling: 32, coolDownMs: 2_000 });
    storm(concurrency, 32, NOON, NOON + 500);
    expect(concurrency.limit).toBe(16);
  });

  it('does not halve again for calls that were under way when it halved, however late they end', () => {
    const concurrency = new AdaptiveConcurrency({ ceiling: 32, coolDownMs: 2_000 });
    storm(concurrency, 4, NOON, NOON + 500);
    storm(concurrency, 5, NOON + 100, NOON + 9_000);
    expect(concurrency.limit).toBe(16);
    storm(concurrency, 5, NOON + 8_000, NOON + 9_000);
    expect(concurrency.limit).toBe(8);
  });

  it('is never under 1 and never over the ceiling, whatever happens', () => {
    const random = seededRandom(7);
    const concurrency = new AdaptiveConcurrency({ ceiling: 10, coolDownMs: 100 });
    for (let i = 0; i < 5_000; i += 1) {
      const now = NOON + i * 60;
      if (random() < 0.3) concurrency.overloaded(now - 10, now);
      else concurrency.succeeded(Math.ceil(random() * 12));
      expect(concurrency.limit).toBeGreaterThanOrEqual(1);
      expect(concurrency.limit).toBeLessThanOrEqual(10);
    }
  });

  it('creeps up again by about one per round of successes', () => {
    const concurrency = new AdaptiveConcurrency({ ceiling: 32, coolDownMs: 0 });
    storm(concurrency, 4, NOON, NOON);
    for (let i = 0; i < 16; i += 1) concurrency.succeeded(16);
    expect(concurrency.limit).toBe(16);
    concurrency.succeeded(16);
    expect(concurrency.limit).toBe(17);
  });

  it('does not grow while it is not used', () => {
    const concurrency = new AdaptiveConcurrency({ ceiling: 32, coolDownMs: 0 });
    storm(concurrency, 4, NOON, NOON);
    for (let i = 0; i < 1_000; i += 1) concurrency.succeeded(3);
    expect(concurrency.limit).toBe(16);
  });
});
