import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fuzz } from '../../bench/api/fuzz.ts';
import { OddRequests } from '../../bench/api/odd-requests.ts';
import { answered, idNumber, resultAt } from './documents.ts';
import { type RunningApi, startApi } from './running-api.ts';

let api: RunningApi;

beforeAll(async () => {
  api = await startApi({ RATE_BURST: '100000', UPLOAD_IDLE_MS: '3000' });
  const now = Date.now();
  await api.write(idNumber(1), resultAt(now, answered(now)));
  await api.write(idNumber(2), resultAt(now));
});

afterAll(() => api.close());

describe('odd requests', () => {
  it('never break the API nor show its inside', async () => {
    const odd = new OddRequests(2_026, [idNumber(1), idNumber(2)]);
    const { statuses, findings } = await fuzz(api.url, () => odd.next(), { count: 400 });
    expect(findings).toEqual([]);
    expect(api.cloud.supervisor.restarts('api')).toBe(0);
    expect(Object.keys(statuses).length).toBeGreaterThan(5);
    // Nor its log: what is odd is no error of ours.
    expect(api.lines.filter((line) => line.includes('"severity":"ERROR"'))).toEqual([]);
  });
});
