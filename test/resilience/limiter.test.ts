import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { AdaptiveConcurrency } from '../../shared/base/resilience/adaptive-concurrency.ts';
import { withDeadline } from '../../shared/base/resilience/deadline.ts';
import { Limiter, type Slot } from '../../shared/base/resilience/limiter.ts';
import { RollingWindow } from '../../shared/base/resilience/rolling-window.ts';
import { seededRandom } from '../../shared/base/seeded-random.ts';
import { NOON, withClock } from './clock.ts';

withClock();

const MINUTE = 60_000;

class Refused extends Error {}
class Overload extends Error {}

const limiterOf = ({ ceiling = 100, perMinute = 0, tokensPerMinute = 0, maxQueue = 100 }) => {
  const concurrency = new AdaptiveConcurrency({ ceiling, coolDownMs: 1_000 });
  const limiter = new Limiter({
    concurrency,
    requests: new RollingWindow(perMinute, MINUTE),
    tokens: new RollingWindow(tokensPerMinute, MINUTE),
    maxQueue,
    isOverload: (error) => error instanceof Overload,
    whenRefused: (reason, untilMs) => new Refused(`${reason} until ${untilMs - NOON}`),
  });
  return { limiter, concurrency };
};

/** A call that takes so long; notes when it was let in. */
const calling =
  (starts: number[], ms: number, fail?: () => Error) =>
  async (slot: Slot): Promise<void> => {
    starts.push(Date.now() - NOON);
    slot.sent();
    await new Promise((resolve) => setTimeout(resolve, ms));
    if (fail) throw fail();
  };

const tick = () => vi.advanceTimersByTimeAsync(0);

describe('the limiter', () => {
  it.each([1, 2, 3, 4, 5])(
    'never lets in more than the share in any 60 seconds, whatever the arrivals (seed %i)',
    async (seed) => {
      const random = seededRandom(seed);
      const share = 1 + Math.floor(random() * 12);
      const { limiter } = limiterOf({ ceiling: 4, perMinute: share, maxQueue: 1_000 });
      const starts: number[] = [];
      const runs: Promise<void>[] = [];
      for (let i = 0; i < 80; i += 1) {
        runs.push(limiter.run(1, undefined, calling(starts, random() * 3_000)));
        await vi.advanceTimersByTimeAsync(random() ** 4 * 20_000);
      }
      await vi.advanceTimersByTimeAsync(80 * MINUTE);
      await Promise.all(runs);
      expect(starts).toHaveLength(80);
      for (const [i, at] of starts.entries()) {
        expect(starts.filter((other, j) => j <= i && other > at - MINUTE).length).toBeLessThanOrEqual(share);
      }
    },
  );

  it('lets in at once as many as the quota has left, and the next one when the oldest leaves the window', async () => {
    const { limiter } = limiterOf({ perMinute: 2 });
    const starts: number[] = [];
    for (const _ of [1, 2, 3, 4, 5]) void limiter.run(1, undefined, calling(starts, 10));
    await vi.advanceTimersByTimeAsync(3 * MINUTE);
    expect(starts).toEqual([0, 0, MINUTE, MINUTE, 2 * MINUTE]);
  });

  it('counts tokens as estimated until the bill corrects them', async () => {
    const { limiter } = limiterOf({ tokensPerMinute: 1_000 });
    const starts: number[] = [];
    const cheaper = (slot: Slot) => {
      slot.usedTokens(300);
      return calling(starts, 10)(slot);
    };
    await Promise.all([limiter.run(900, undefined, cheaper), vi.advanceTimersByTimeAsync(10)]);
    void limiter.run(700, undefined, calling(starts, 10));
    void limiter.run(700, undefined, calling(starts, 10));
    await vi.advanceTimersByTimeAsync(MINUTE + 20);
    expect(starts).toEqual([0, 10, MINUTE + 10]);
  });

  it('gives back what a call took that was never made', async () => {
    const { limiter } = limiterOf({ perMinute: 1 });
    await limiter.run(1, undefined, () => Promise.resolve());
    const starts: number[] = [];
    void limiter.run(1, undefined, calling(starts, 10));
    await tick();
    expect(starts).toEqual([0]);
  });

  it('serves in order of arrival, a small request behind a large one too', async () => {
    const { limiter } = limiterOf({ tokensPerMinute: 1_000 });
    const order: string[] = [];
    const named = (name: string) => async (slot: Slot) => {
      order.push(name);
      slot.sent();
    };
    void limiter.run(900, undefined, named('first'));
    void limiter.run(900, undefined, named('large'));
    void limiter.run(1, undefined, named('small'));
    await tick();
    expect(order).toEqual(['first']);
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(order).toEqual(['first', 'large', 'small']);
  });

  it('refuses the one too many at once', async () => {
    const { limiter } = limiterOf({ ceiling: 1, maxQueue: 2 });
    const starts: number[] = [];
    const runs = [1, 2, 3].map(() => limiter.run(1, undefined, calling(starts, 100)));
    await expect(limiter.run(1, undefined, calling(starts, 100))).rejects.toThrow('full');
    await vi.advanceTimersByTimeAsync(1_000);
    await Promise.all(runs);
    expect(starts).toEqual([0, 100, 200]);
  });

  it('refuses at once who could not be let in before its deadline', async () => {
    const { limiter } = limiterOf({ perMinute: 1 });
    const starts: number[] = [];
    await Promise.all([limiter.run(1, undefined, calling(starts, 10)), vi.advanceTimersByTimeAsync(10)]);
    const inTime = withDeadline(90_000, undefined, (signal) => limiter.run(1, signal, calling(starts, 10)));
    const tooLate = withDeadline(90_000, undefined, (signal) => limiter.run(1, signal, calling(starts, 10)));
    await expect(tooLate).rejects.toThrow(`too-late until ${2 * MINUTE}`);
    await vi.advanceTimersByTimeAsync(MINUTE);
    await inTime;
    expect(starts).toEqual([0, MINUTE]);
  });

  it('lets a waiter go that gives up, with its listener, and serves the next', async () => {
    const { limiter } = limiterOf({ ceiling: 1 });
    const starts: number[] = [];
    const controller = new AbortController();
    void limiter.run(1, undefined, calling(starts, 100));
    const waiter = limiter.run(1, controller.signal, calling(starts, 100));
    const behind = limiter.run(1, undefined, calling(starts, 100));
    expect(limiter.queued).toBe(2);
    controller.abort(new Error('gone'));
    await expect(waiter).rejects.toThrow('gone');
    expect(limiter.queued).toBe(1);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    await behind;
    expect(starts).toEqual([0, 100]);
  });

  it('leaves no listener on the signal of a waiter that was served', async () => {
    const { limiter } = limiterOf({ ceiling: 1 });
    const { signal } = new AbortController();
    const runs = [1, 2, 3].map(() => limiter.run(1, signal, calling([], 10)));
    await vi.advanceTimersByTimeAsync(100);
    await Promise.all(runs);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('runs as many at once as the concurrency allows, and fewer after an overload', async () => {
    const { limiter, concurrency } = limiterOf({ ceiling: 4 });
    const starts: number[] = [];
    const refused = [1, 2, 3, 4].map(() =>
      limiter
        .run(
          1,
          undefined,
          calling(starts, 50, () => new Overload()),
        )
        .catch(() => undefined),
    );
    await vi.advanceTimersByTimeAsync(50);
    await Promise.all(refused);
    expect(concurrency.limit).toBe(2);
    for (const _ of [1, 2, 3, 4]) void limiter.run(1, undefined, calling(starts, 50));
    expect(limiter.running).toBe(2);
  });

  it('goes on after a call that failed', async () => {
    const { limiter } = limiterOf({ ceiling: 1 });
    const failing = limiter.run(1, undefined, () => Promise.reject(new Error('no')));
    const next = limiter.run(1, undefined, async () => 'served');
    await expect(failing).rejects.toThrow('no');
    await expect(next).resolves.toBe('served');
  });
});
