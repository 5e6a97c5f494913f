import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { grain, photo, variant } from '../../bench/photo.ts';
import { camera, taken } from '../../bench/resize/cameras.ts';
import { lumaOf, ssim } from '../../bench/resize/ssim.ts';
import { play } from '../../bench/story/contenders.ts';
import { inVirtualTime, wait } from '../../bench/story/virtual-clock.ts';
import { callGemini, Uplink, WORLD, wireBytes } from '../../bench/story/world.ts';
import { isSrgb } from '../../functions/resize-image/picture/icc.ts';

const PICTURE = { originalBytes: 4_200_000, preparedBytes: 380_000, width: 2048, height: 1536 };
const CONDITIONS = { megabits: 7, retryDelaySeconds: 0.5 };
const never = () => 0.999;

describe('the simulated world', () => {
  it('lets hours pass at once and in order', async () => {
    const seen = await inVirtualTime(async () => {
      const start = Date.now();
      const order: string[] = [];
      await Promise.all([
        wait(7_200_000).then(() => order.push('late')),
        wait(1_000).then(() => order.push('early')),
      ]);
      return { order, passed: Date.now() - start };
    });
    expect(seen).toEqual({ order: ['early', 'late'], passed: 7_200_000 });
  });

  it('ends with an error when nothing is left to wait for', async () => {
    await expect(inVirtualTime(() => new Promise<never>(() => undefined))).rejects.toThrow(
      'Nothing is left to wait for',
    );
  });

  it('sends one picture after the other over the shared uplink', async () => {
    const ends = await inVirtualTime(async () => {
      const start = Date.now();
      const uplink = new Uplink(CONDITIONS);
      return Promise.all([1, 2].map(() => uplink.send(875_000).then(() => Date.now() - start)));
    });
    expect(ends).toEqual([1_000, 2_000]);
  });

  it('refuses what is over 20 MB as base64', async () => {
    await expect(
      inVirtualTime(() => callGemini(new Uplink(CONDITIONS), 16_000_000, never)),
    ).rejects.toMatchObject({ httpStatus: 413 });
  });
});

describe('the contenders', () => {
  it('take the time of the uplink and of the answer when nothing goes wrong', async () => {
    const outcome = await play('naive', [PICTURE], CONDITIONS, never);
    expect(outcome.meanMs).toBeCloseTo((wireBytes(4_200_000) * 8) / 7_000 + WORLD.serviceMs, 0);
    expect(outcome).toMatchObject({ eventually: 1, callsPerPicture: 1 });
  });

  it('lose a picture to one refusal when they ask once, and none when ours asks again', async () => {
    const draws = () => {
      let calls = 0;
      return () => (calls++ === 0 ? 0 : 0.999);
    };
    expect((await play('resized', [PICTURE], CONDITIONS, draws())).eventually).toBe(0);
    const ours = await play('ours', [PICTURE], CONDITIONS, draws());
    expect(ours.eventually).toBe(1);
    expect(ours.callsPerPicture).toBe(2);
  });
});

describe('the pictures and their likeness', () => {
  it('are the same for the same seed, and another picture for each variant', async () => {
    const [one, again] = [await photo(800, 600, 3), await photo(800, 600, 3)];
    expect(one.equals(again)).toBe(true);
    const pixels = async (number: number) => (await lumaOf(variant(one, number))).data;
    expect((await pixels(1)).equals(await pixels(2))).toBe(false);
  });

  it('drawn as one camera takes them have its size, its profile and its turn', async () => {
    const phone = await taken(
      { ...camera('a phone', 801, 603, { noise: 0.05, sharpening: 1 }), profile: 'p3', orientation: 6 },
      1,
    );
    const header = await sharp(phone).metadata();
    expect(header).toMatchObject({ width: 801, height: 603, orientation: 6, chromaSubsampling: '4:2:0' });
    expect(header.icc && isSrgb(header.icc)).toBe(false);
  });

  it('are 1 alike when they are equal, and less with noise', async () => {
    const plain = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#808080' } })
      .png()
      .toBuffer();
    const noisy = await sharp(await grain(1))
      .extract({ left: 0, top: 0, width: 64, height: 64 })
      .png()
      .toBuffer();
    expect(ssim(await lumaOf(plain), await lumaOf(plain))).toBeCloseTo(1);
    expect(ssim(await lumaOf(plain), await lumaOf(noisy))).toBeLessThan(0.5);
  });
});
