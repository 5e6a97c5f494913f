import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { idNumber } from './documents.ts';
import { type RunningApi, startApi } from './running-api.ts';

let api: RunningApi;

beforeAll(async () => {
  api = await startApi();
});

afterAll(() => api.close());

describe('a result', () => {
  it('cannot be read while Firestore does not answer, and says so', async () => {
    api.cloud.firestore.setFault('unavailable');
    const response = await fetch(`${api.url}/v1/results/${idNumber(0x200)}`);
    api.cloud.firestore.setFault('none');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});
