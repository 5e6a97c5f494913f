import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { submitMany } from '../../bench/api/submit-many.ts';
import { Gate } from '../../functions/api/images/gate.ts';
import { startApi } from './running-api.ts';

const MEGABYTE = 1_000_000;

describe('a crowd of uploads', () => {
  it('is taken in turns, and its pictures are never in memory together', async () => {
    const api = await startApi({ MAX_UPLOADS: '8', RATE_BURST: '1000' });
    onTestFinished(() => api.close());
    const picture = randomBytes(4 * MEGABYTE);
    await submitMany(api.url, picture, 2);
    const before = api.memory();
    let peak = before;
    const watching = setInterval(() => {
      peak = Math.max(peak, api.memory());
    }, 10);
    const statuses = await submitMany(api.url, picture, 60);
    clearInterval(watching);
    expect(statuses.filter((status) => status !== 202)).toEqual([]);
    // 240 MB went through at the same time.
    expect((peak - before) / MEGABYTE).toBeLessThan(160);
  });

  it('is let in first come first served, and who gives up makes no gap', async () => {
    const gate = new Gate({ places: 1, placesPerCaller: 1 });
    const { signal } = new AbortController();
    const order: string[] = [];
    const leave = await gate.enter('mia', signal);
    const leaving = new AbortController();
    const gone = gate.enter('mia', leaving.signal).catch(() => order.push('gone'));
    const later = ['b', 'c'].map(async (name) => {
      const out = await gate.enter('mia', signal);
      order.push(name);
      out();
    });
    leaving.abort(new Error('went away'));
    await gone;
    leave();
    leave();
    await Promise.all(later);
    expect(order).toEqual(['gone', 'b', 'c']);
  });

  it('leaves places to others, however many uploads one caller begins', async () => {
    const gate = new Gate({ places: 4, placesPerCaller: 2 });
    const { signal } = new AbortController();
    const order: string[] = [];
    const begin = async (name: string, caller: string) => {
      const leave = await gate.enter(caller, signal);
      order.push(name);
      return leave;
    };
    const [leaveFirst] = await Promise.all([begin('mia 1', 'mia'), begin('mia 2', 'mia')]);
    const third = begin('mia 3', 'mia');
    await begin('ben 1', 'ben');
    leaveFirst();
    await third;
    expect(order).toEqual(['mia 1', 'mia 2', 'ben 1', 'mia 3']);
  });
});
