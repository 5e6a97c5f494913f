import { describe, expect, it, vi } from 'vitest';
import { endAt } from '../../shared/base/resilience/deadline.ts';
import { type RetryOptions, retry } from '../../shared/base/resilience/retry.ts';
import { NOON, stateOf, withClock } from './clock.ts';

withClock();

class Failed extends Error {
  readonly verdict: boolean | number;

  constructor(verdict: boolean | number) {
    super('failed');
    this.verdict = verdict;
  }
}

const OPTIONS: RetryOptions = {
  maxAttempts: 5,
  baseMs: 1_000,
  maxMs: 3_000,
  overallMs: 60_000,
  verdict: (error) => error instanceof Failed && error.verdict,
  random: () => 1,
};

/** Fails with these verdicts, then answers; notes when it was called. */
function scripted(...verdicts: (boolean | number)[]) {
  const at: number[] = [];
  const call = async () => {
    at.push(Date.now() - NOON);
    const verdict = verdicts.shift();
    if (verdict !== undefined) throw new Failed(verdict);
    return 'answer';
  };
  return { at, call };
}

describe('retry', () => {
  it('waits as long as the server said and up to a tenth more', async () => {
    const { at, call } = scripted(34_400);
    const answer = retry(OPTIONS, undefined, call);
    await vi.advanceTimersByTimeAsync(37_839);
    expect(at).toEqual([0]);
    await vi.advanceTimersByTimeAsync(1);
    await expect(answer).resolves.toBe('answer');
  });

  it('doubles the bound of its own waits up to the longest', async () => {
    const { at, call } = scripted(true, true, true, true);
    const answer = retry(OPTIONS, undefined, call);
    await vi.advanceTimersByTimeAsync(60_000);
    await answer;
    expect(at.map((time) => Math.round(time / 100) / 10)).toEqual([0, 1, 3, 6, 9]);
  });

  it('begins no wait that would pass the deadline', async () => {
    const { at, call } = scripted(60_000);
    await expect(retry(OPTIONS, undefined, call)).rejects.toThrow('failed');
    expect(at).toEqual([0]);
  });

  it('begins no wait that would pass the end of its function, however much time it may take itself', async () => {
    const { signal } = new AbortController();
    endAt(signal, NOON + 2_000);
    const { at, call } = scripted(1_500, 1_500);
    const answer = retry({ ...OPTIONS, random: () => 0 }, signal, call);
    answer.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(1_500);
    await expect(answer).rejects.toThrow('failed');
    expect([at, Date.now() - NOON, vi.getTimerCount()]).toEqual([[0, 1_500], 1_500, 0]);
  });

  it('never repeats what the verdict is against', async () => {
    const { at, call } = scripted(false);
    await expect(retry(OPTIONS, undefined, call)).rejects.toThrow('failed');
    expect(at).toEqual([0]);
  });

  it('gives up after the last attempt with its error', async () => {
    const { at, call } = scripted(true, true, true);
    const answer = retry({ ...OPTIONS, maxAttempts: 3, random: () => 0 }, undefined, call);
    answer.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(100);
    await expect(answer).rejects.toThrow('failed');
    expect(at).toHaveLength(3);
  });

  it('ends a wait at once when its caller gives up, and leaves no timer behind', async () => {
    const controller = new AbortController();
    const { at, call } = scripted(30_000);
    const answer = retry(OPTIONS, controller.signal, call);
    answer.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await stateOf(answer)).toBe('pending');
    controller.abort(new Error('gone'));
    await expect(answer).rejects.toThrow('gone');
    await vi.advanceTimersByTimeAsync(1);
    expect([vi.getTimerCount(), at.length]).toEqual([0, 1]);
  });

  it('ends a call that takes longer than everything may', async () => {
    const answer = retry(OPTIONS, undefined, () => new Promise(() => undefined));
    answer.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(60_000);
    await expect(answer).rejects.toThrow('no answer within 60000 ms');
    expect(vi.getTimerCount()).toBe(0);
  });
});
