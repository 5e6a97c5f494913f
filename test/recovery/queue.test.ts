import { describe, expect, it } from 'vitest';
import { patienceInQueue } from '../../functions/sweep/queue.ts';

const NOW = 1_800_000_000_000;
const RECENTLY = NOW - 60_000;

const completed = (count: number, queueMs: number, at = NOW) =>
  Array.from({ length: count }, () => ({
    status: 'completed' as const,
    timings: { queueMs },
    updatedAt: new Date(at),
  }));

describe('an image that stands still', () => {
  it('is given twice the time that the others waited', () => {
    expect(patienceInQueue(completed(30, 40_000), RECENTLY)).toBe(80_000);
  });

  it('is given no time when the others do not wait, although some had been lost', () => {
    expect(patienceInQueue([...completed(30, 0), ...completed(5, 900_000)], RECENTLY)).toBe(0);
  });

  it('is given no time for a queue that has emptied', () => {
    expect(patienceInQueue(completed(30, 40_000, NOW - 61_000), RECENTLY)).toBe(0);
  });

  it('is judged by no handful of others', () => {
    expect(patienceInQueue(completed(19, 40_000), RECENTLY)).toBe(0);
  });
});
