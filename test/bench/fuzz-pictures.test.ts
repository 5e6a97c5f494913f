import { describe, expect, it } from 'vitest';
import { mutantOf } from '../../bench/fuzz-pictures/mutations.ts';
import { faultOf } from '../../bench/fuzz-pictures/verdict.ts';

const seeds = ['a', 'b', 'c'].map((name) => ({ name, bytes: Buffer.alloc(1000, name) }));

describe('unsound pictures', () => {
  it('are the same ones in each run', () => {
    for (let number = 0; number < 100; number += 1)
      expect(mutantOf(seeds, number)).toEqual(mutantOf(seeds, number));
  });

  it('differ from the sound one, whose bytes stay as they were', () => {
    const made = Array.from({ length: 210 }, (_, number) => mutantOf(seeds, number));
    expect(new Set(made.map(({ bytes }) => bytes.toString('latin1'))).size).toBeGreaterThan(180);
    expect(seeds.every(({ name, bytes }) => bytes.equals(Buffer.alloc(1000, name)))).toBe(true);
  });

  it('are called cut off where they lack their end', () => {
    const made = Array.from({ length: 210 }, (_, number) => mutantOf(seeds, number));
    const cut = made.filter(({ isCutOff }) => isCutOff);
    expect(cut).toHaveLength(30);
    expect(cut.every(({ bytes }) => bytes.length < 1000)).toBe(true);
  });
});

describe('what may become of an unsound picture', () => {
  const met = { cpuMs: 10, grownMiB: 1, boundMiB: 100 };
  it.each([
    ['a picture', met, false, undefined],
    ['a final refusal', { ...met, code: 'CORRUPT_IMAGE' }, false, undefined],
    ['a picture of a file without its end', met, true, 'stored though cut off'],
    ['a refusal of a file without its end', { ...met, code: 'CORRUPT_IMAGE' }, true, undefined],
    ['a failure that would be tried again', { ...met, code: 'none' }, false, 'no final refusal'],
    ['a time limit', { ...met, code: 'RESIZE_TIMEOUT' }, false, 'hang'],
    ['half a minute of work', { ...met, cpuMs: 30_001 }, false, 'hang'],
    ['silence', { killedAfterMs: 330_000 }, false, 'hang'],
    ['more memory than was counted for it', { ...met, grownMiB: 101 }, false, 'memory'],
    ['the end of the process', { exit: 'SIGSEGV' }, false, 'crash'],
  ] as const)('%s', (_, outcome, isCutOff, fault) => {
    expect(faultOf(outcome, isCutOff)).toBe(fault);
  });
});
