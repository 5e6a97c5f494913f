import { describe, expect, it } from 'vitest';
import { normalize } from '../../functions/resize-image/picture/normalize.ts';
import { PixelGate } from '../../functions/resize-image/picture/pixel-gate.ts';
import { photo } from '../support/pictures.ts';
import { failureOf, LIMITS } from './expectations.ts';

/** Work that a test ends by hand, and the order in which it began. */
function workshop(gate: PixelGate) {
  const begun: string[] = [];
  const finish = new Map<string, () => void>();
  const start = (name: string, pixels: number, signal?: AbortSignal) =>
    gate.enter(pixels, signal).then((leave) => {
      begun.push(name);
      finish.set(name, leave);
    });
  const end = async (name: string) => {
    finish.get(name)?.();
    await settle();
  };
  return { begun, start, end };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('the pixel gate', () => {
  it('lets pictures work at once while their pixels fit', async () => {
    const { begun, start } = workshop(new PixelGate({ maxPixelsInFlight: 10 }));
    for (const name of ['a', 'b', 'c']) void start(name, 4);
    await settle();
    expect(begun).toEqual(['a', 'b']);
  });

  it('lets the next in as soon as one ends', async () => {
    const { begun, start, end } = workshop(new PixelGate({ maxPixelsInFlight: 10 }));
    for (const name of ['a', 'b', 'c']) void start(name, 5);
    await settle();
    await end('b');
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  it('does not let small pictures overtake a big one for ever', async () => {
    const { begun, start, end } = workshop(new PixelGate({ maxPixelsInFlight: 10 }));
    void start('first', 5);
    void start('big', 10);
    void start('small', 1);
    await settle();
    expect(begun).toEqual(['first']);
    await end('first');
    expect(begun).toEqual(['first', 'big']);
    await end('big');
    expect(begun).toEqual(['first', 'big', 'small']);
  });

  it('runs a picture larger than itself, alone', async () => {
    const { begun, start, end } = workshop(new PixelGate({ maxPixelsInFlight: 10 }));
    void start('small', 1);
    void start('giant', 500);
    void start('after', 1);
    await settle();
    await end('small');
    expect(begun).toEqual(['small', 'giant']);
    await end('giant');
    expect(begun).toEqual(['small', 'giant', 'after']);
  });

  it('forgets who gives up waiting and lets the ones behind pass', async () => {
    const { begun, start } = workshop(new PixelGate({ maxPixelsInFlight: 10 }));
    const giveUp = new AbortController();
    void start('first', 5);
    const big = start('big', 10, giveUp.signal);
    void start('small', 1);
    await settle();
    giveUp.abort(new Error('no longer wanted'));
    await expect(big).rejects.toThrow('no longer wanted');
    expect(begun).toEqual(['first', 'small']);
  });

  it('lets nobody in who has given up before', async () => {
    const { begun, start } = workshop(new PixelGate({ maxPixelsInFlight: 10 }));
    await expect(start('late', 1, AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
    expect(begun).toEqual([]);
  });

  it('gets the pixels back when a picture turns out to be broken', async () => {
    const gate = new PixelGate({ maxPixelsInFlight: 1_000_000 });
    const broken = (await photo({ width: 1000, height: 1000 })).subarray(0, 20_000);
    expect((await failureOf(normalize(broken, { ...LIMITS, gate }))).code).toBe('CORRUPT_IMAGE');
    await gate.enter(1_000_000, undefined);
  });
});
