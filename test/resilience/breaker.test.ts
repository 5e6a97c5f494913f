import { describe, expect, it, vi } from 'vitest';
import { Breaker } from '../../shared/base/resilience/breaker.ts';
import { NOON, stateOf, withClock } from './clock.ts';

withClock();

class Vendor extends Error {}
class Refused extends Error {}
class Open extends Error {
  readonly untilMs: number;

  constructor(untilMs: number) {
    super('open');
    this.untilMs = untilMs - NOON;
  }
}

const breakerOf = () =>
  new Breaker({
    consecutiveFailures: 3,
    failureShare: 0.5,
    sampleCalls: 10,
    openMs: 1_000,
    maxOpenMs: 3_000,
    isFailure: (error) => error instanceof Vendor,
    isAnswer: (error) => error instanceof Refused,
    whenOpen: (untilMs) => new Open(untilMs),
  });

const fail = (error: Error) => () => Promise.reject(error);
const succeed = () => Promise.resolve('answer');

async function times(count: number, run: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i += 1) await run().catch(() => undefined);
}

const opened = async (): Promise<Breaker> => {
  const breaker = breakerOf();
  await times(3, () => breaker.run(undefined, fail(new Vendor())));
  return breaker;
};

describe('the breaker', () => {
  it('opens after as many failures of the vendor in a row as it was told, and says until when', async () => {
    const breaker = await opened();
    expect(breaker.openUntil).toBe(NOON + 1_000);
    const call = vi.fn(succeed);
    await expect(breaker.run(undefined, call)).rejects.toMatchObject({ untilMs: 1_000 });
    expect(call).not.toHaveBeenCalled();
  });

  it('opens when more than the share of the last calls failed, even if never in a row', async () => {
    const breaker = breakerOf();
    await times(2, () => breaker.run(undefined, fail(new Vendor())));
    for (let i = 0; i < 4; i += 1) {
      await breaker.run(undefined, succeed);
      await times(1, () => breaker.run(undefined, fail(new Vendor())));
    }
    expect(breaker.openUntil).toBe(NOON + 1_000);
  });

  it("does not count what is not the vendor's failure", async () => {
    const breaker = breakerOf();
    await times(50, () => breaker.run(undefined, fail(new Error('400'))));
    await expect(breaker.run(undefined, succeed)).resolves.toBe('answer');
  });

  it('lets one probe through after the rest, while others wait for what comes of it', async () => {
    const breaker = await opened();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(breaker.openUntil).toBe(0);
    let answer: (text: string) => void = () => undefined;
    const probe = breaker.run(undefined, () => new Promise((resolve) => (answer = resolve)));
    const call = vi.fn(succeed);
    const other = breaker.run(undefined, call);
    await vi.advanceTimersByTimeAsync(500);
    expect([await stateOf(other), call.mock.calls.length]).toEqual(['pending', 0]);
    answer('probed');
    await expect(probe).resolves.toBe('probed');
    await expect(other).resolves.toBe('answer');
  });

  it('rests twice as long after a probe that failed, up to the bound, and those who waited fail with it', async () => {
    const breaker = await opened();
    const rests: number[] = [];
    for (const wait of [1_000, 2_000, 3_000]) {
      await vi.advanceTimersByTimeAsync(wait);
      const probe = breaker.run(undefined, fail(new Vendor('still down')));
      const other = breaker.run(undefined, succeed);
      await expect(probe).rejects.toThrow('still down');
      await expect(other).rejects.toThrow('open');
      rests.push(breaker.openUntil - Date.now());
    }
    expect(rests).toEqual([2_000, 3_000, 3_000]);
  });

  it('does not close because a probe was broken off by its caller', async () => {
    const breaker = await opened();
    await vi.advanceTimersByTimeAsync(1_000);
    const controller = new AbortController();
    const probe = breaker.run(
      controller.signal,
      () =>
        new Promise((_, reject) =>
          controller.signal.addEventListener('abort', () => reject(new Error('cut'))),
        ),
    );
    controller.abort();
    await expect(probe).rejects.toThrow('cut');
    expect(breaker.openUntil).toBeGreaterThan(Date.now());
  });

  it('does not close because of a probe that ended before the vendor was called', async () => {
    const breaker = await opened();
    await vi.advanceTimersByTimeAsync(1_000);
    const probe = breaker.run(undefined, fail(new Error('there is no money for a call')));
    const other = breaker.run(undefined, succeed);
    await expect(probe).rejects.toThrow('there is no money for a call');
    await expect(other).rejects.toThrow('open');
    expect(breaker.openUntil).toBeGreaterThan(Date.now());
  });

  it('closes when a probe is refused: who refuses is there', async () => {
    const breaker = await opened();
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(breaker.run(undefined, fail(new Refused('400')))).rejects.toThrow('400');
    await expect(breaker.run(undefined, succeed)).resolves.toBe('answer');
  });

  it('works as before once a probe succeeded', async () => {
    const breaker = await opened();
    await vi.advanceTimersByTimeAsync(1_000);
    await breaker.run(undefined, succeed);
    await times(2, () => breaker.run(undefined, fail(new Vendor())));
    expect(breaker.openUntil).toBe(0);
  });
});
