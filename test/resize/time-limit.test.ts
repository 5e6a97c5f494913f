import { describe, expect, it } from 'vitest';
import { normalize } from '../../functions/resize-image/picture/normalize.ts';
import { PixelGate } from '../../functions/resize-image/picture/pixel-gate.ts';
import { photo } from '../support/pictures.ts';
import { TINY_HEIC } from '../support/tiny-heic.ts';
import { failureOf, LIMITS } from './expectations.ts';

describe('the time limit of a picture', () => {
  it.each([
    ['a JPEG', () => photo({ width: 4000, height: 3000 })],
    ['a HEIC', async () => TINY_HEIC],
  ])('ends the work on %s', async (_, make) => {
    const { code, message } = await failureOf(normalize(await make(), { ...LIMITS, timeLimitMs: 2 }));
    expect(code).toBe('RESIZE_TIMEOUT');
    expect(message).toContain('0.002 s');
  });

  it('does not run while the picture waits for its turn', async () => {
    const gate = new PixelGate({ maxPixelsInFlight: 1000 });
    const leave = await gate.enter(1000, undefined);
    const waiting = normalize(await photo(), { ...LIMITS, gate, timeLimitMs: 2000 });
    await new Promise((resolve) => setTimeout(resolve, 2100));
    leave();
    expect((await waiting).width).toBe(640);
  });

  it('keeps the pixels at the gate until the decoder really ends', async () => {
    const gate = new PixelGate({ maxPixelsInFlight: 100_000_000 });
    const late = failureOf(
      normalize(await photo({ width: 4000, height: 3000 }), { ...LIMITS, gate, timeLimitMs: 2 }),
    );
    expect((await late).code).toBe('RESIZE_TIMEOUT');
    let isFree = false;
    const next = gate.enter(100_000_000, undefined).then(() => {
      isFree = true;
    });
    await Promise.resolve();
    expect(isFree).toBe(false);
    await next;
  });
});

describe('an abort', () => {
  it('ends waiting at the gate with its own reason', async () => {
    const gate = new PixelGate({ maxPixelsInFlight: 1000 });
    const leave = await gate.enter(1000, undefined);
    const stop = new AbortController();
    const waiting = normalize(await photo(), { ...LIMITS, gate, signal: stop.signal });
    setTimeout(() => stop.abort(new Error('shutting down')), 20);
    await expect(waiting).rejects.toThrow('shutting down');
    leave();
    await gate.enter(1000, undefined);
  });

  it('ends the work with its own reason', async () => {
    const stop = new AbortController();
    const working = normalize(await photo({ width: 4000, height: 3000 }), { ...LIMITS, signal: stop.signal });
    setTimeout(() => stop.abort(new Error('shutting down')), 5);
    await expect(working).rejects.toThrow('shutting down');
  });
});
