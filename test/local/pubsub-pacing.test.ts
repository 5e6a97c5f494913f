import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../local/pubsub/backoff.ts';
import { DueQueue } from '../../local/pubsub/due-queue.ts';
import { PushWindow } from '../../local/pubsub/push-window.ts';

describe('the backoff', () => {
  it.each([
    { attempts: 1, least: 10_000, most: 12_500 },
    { attempts: 2, least: 20_000, most: 25_000 },
    { attempts: 4, least: 80_000, most: 100_000 },
    { attempts: 40, least: 480_000, most: 600_000 },
  ])('lies between $least and $most ms after attempt $attempts', ({ attempts, least, most }) => {
    const range = { minBackoffMs: 10_000, maxBackoffMs: 600_000 };
    expect(backoffMs(attempts, range, () => 0)).toBe(least);
    expect(backoffMs(attempts, range, () => 1)).toBe(most);
  });
});

describe('the push window', () => {
  it('halves the window once per round of refusals and never below four', () => {
    const window = new PushWindow(1000);
    for (let n = 0; n < 60; n += 1) window.succeeded(1000);
    expect(window.size).toBe(64);
    for (let n = 0; n < 64; n += 1) window.refused();
    expect(window.size).toBe(32);
    for (let n = 0; n < 1000; n += 1) window.refused();
    expect(window.size).toBe(4);
  });
});

describe('the queue of waiting messages', () => {
  it('hands out what is due in order of time, then of arrival', () => {
    const queue = new DueQueue<string>();
    for (const [item, at] of [
      ['c', 30],
      ['a', 10],
      ['d', 30],
      ['b', 20],
      ['later', 99],
    ] as const)
      queue.add(item, at);
    const taken = Array.from({ length: 5 }, () => queue.takeDue(50));
    expect(taken).toEqual(['a', 'b', 'c', 'd', undefined]);
    expect(queue.nextAt).toBe(99);
  });
});
