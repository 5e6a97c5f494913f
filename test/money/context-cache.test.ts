import { describe, expect, it, vi } from 'vitest';
import { reference } from '../support/references.ts';
import { cachedTokens, costOfNew, LONG, LONG_TOKENS, request, signal, useContexts } from './contexts.ts';

const { instance, gemini, heard, cachesMade, booked } = useContexts();

describe('long instructions', () => {
  it('are cached by one instance, used by all, and billed at a tenth', async () => {
    const [one, other] = [instance(), instance()];
    const asked = await request(LONG);
    expect(await cachedTokens(one.ask, asked, 6)).toEqual([0, 0, 0, 0, LONG_TOKENS, LONG_TOKENS]);
    expect(await cachedTokens(other.ask, asked, 5)).toEqual([0, 0, 0, 0, LONG_TOKENS]);
    expect(cachesMade()).toBe(1);
    expect(await booked()).toBe(costOfNew(LONG_TOKENS));
    expect(heard('context.decided').slice(0, 2)).toMatchObject([
      { use: false, because: '1 calls an hour, it pays from 5 on' },
      { use: true, because: expect.stringContaining('it pays from 5 on') },
    ]);
  });

  it('are sent as always when the cache has gone, and nobody waits for a new one', async () => {
    const { ask } = instance();
    const asked = await request(LONG);
    expect((await cachedTokens(ask, asked, 5)).at(-1)).toBe(LONG_TOKENS);
    gemini().reset();
    expect((await ask(asked, signal)).usage).toMatchObject({ cached: 0 });
    expect((await ask(asked, signal)).usage).toMatchObject({ cached: 0 });
    expect(cachesMade()).toBe(0);
  });

  it('stay cached when a call fails with the cache and without it: the picture was not readable', async () => {
    const { ask } = instance();
    const asked = await request(LONG);
    await cachedTokens(ask, asked, 5);
    const unreadable = { mimeType: 'image/jpeg', base64: 'bm8gcGljdHVyZQ==' };
    await expect(ask({ ...asked, image: unreadable }, signal)).rejects.toMatchObject({
      code: 'MODEL_REJECTED_REQUEST',
    });
    expect(heard('context.refused')).toEqual([]);
    expect(await cachedTokens(ask, asked, 1)).toEqual([LONG_TOKENS]);
  });

  it('are sent as always while the API takes long to make their cache, and cached once it has', async () => {
    const { ask } = instance(null, 2_500);
    const asked = await request(LONG);
    await cachedTokens(ask, asked, 4);
    const startedAt = Date.now();
    expect(await cachedTokens(ask, asked, 1)).toEqual([0]);
    const waited = Date.now() - startedAt;
    expect(waited).toBeLessThan(1_800);
    expect(await cachedTokens(ask, asked, 1)).toEqual([0]);
    // Nobody waits again for the same preparation.
    expect(Date.now() - startedAt - waited).toBeLessThan(800);
    await vi.waitFor(async () => expect(await cachedTokens(ask, asked, 1)).toEqual([LONG_TOKENS]), 60_000);
    expect(cachesMade()).toBe(1);
  });

  it('that are short are never cached', async () => {
    const { ask } = instance();
    expect(await cachedTokens(ask, await request('Be brief.'), 6)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(cachesMade()).toBe(0);
  });
});

describe('reference pictures', () => {
  const references = () => Promise.all([1, 2, 3, 4].map((seed) => reference(seed)));
  const step = { mediaResolution: 'HIGH', thinkingLevel: 'minimal', maxOutputTokens: 500 } as const;
  /** 4:3 at HIGH. */
  const IMAGE_TOKENS = 4 * 1_064;

  it('count as long instructions do, by the tokens of their resolution, and are cached with them', async () => {
    const { ask } = instance();
    const asked = await request('Be brief.', { step, references: await references() });
    const plain = await ask(asked, signal);
    await cachedTokens(ask, asked, 3);
    const cached = await ask(asked, signal);
    expect(plain.usage).toMatchObject({ cached: 0, image: IMAGE_TOKENS + 1_064 });
    expect(cached.usage).toMatchObject({ image: IMAGE_TOKENS + 1_064, prompt: plain.usage?.prompt });
    expect(cached.usage?.cached).toBeGreaterThan(IMAGE_TOKENS);
    expect(heard('context.decided').at(-1)).toMatchObject({
      ...{ use: true, references: 4, referenceTokens: IMAGE_TOKENS },
      uncachedUsdPerHour: expect.any(Number),
    });
    expect(await booked()).toBe(costOfNew(cached.usage?.cached ?? 0));
  });

  it('at a resolution where they are too few tokens are sent with each call', async () => {
    const { ask } = instance();
    const asked = await request('Be brief.', { references: await references() });
    expect(await cachedTokens(ask, asked, 6)).toEqual([0, 0, 0, 0, 0, 0]);
    expect((await ask(asked, signal)).usage).toMatchObject({ image: 5 * 266 });
  });

  it('of another resolution or with a changed picture are another cache', async () => {
    const { ask } = instance();
    const asked = await request(LONG, { step, references: await references() });
    await cachedTokens(ask, asked, 5);
    await cachedTokens(ask, { ...asked, step: { ...step, mediaResolution: 'LOW' } }, 5);
    const [first, ...others] = asked.references ?? [];
    const changed = first ? [await reference(9), ...others] : [];
    await cachedTokens(ask, { ...asked, references: changed }, 5);
    expect(cachesMade()).toBe(3);
  });
});
