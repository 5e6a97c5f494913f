import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkedToken, send } from './contract/exchange.ts';
import { answered, idNumber, resultAt } from './documents.ts';
import { type RunningApi, startApi } from './running-api.ts';

let api: RunningApi;

beforeAll(async () => {
  api = await startApi({ K_SERVICE: 'api', MAX_LISTENERS: '6' });
});

afterAll(() => api.close());

const tokenOf = (email: string) => ({ Authorization: checkedToken({ email, email_verified: true }) });
const MIA = tokenOf('mia@example.com');

describe('what cannot be', () => {
  it.each([
    ['a time before the first year', 'from=0000-01-01T00:00:00Z'],
    ['a time that an offset puts before it', 'from=0001-01-01T00:00:00%2B14:00'],
    ['a time that an offset puts beyond the last year', 'from=9999-12-31T23:59:59-12:00'],
    ['a cursor before the first year', `cursor=-99999999999.000000000.${idNumber(1)}`],
    ['a cursor beyond all times', `cursor=999999999999.000000000.${idNumber(1)}`],
    ['a cursor with a name that Firestore keeps for itself', 'cursor=1700000000.000000000.__x__'],
    ['a cursor with a name that is no id', 'cursor=1700000000.000000000...'],
    ['a cursor of other characters', 'cursor=%E2%82%AC'],
  ])('%s is refused as the mistake that it is', async (_what, query) => {
    const response = await fetch(`${api.url}/v1/results?${query}`, { headers: MIA });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it.each(['http://127.0.0.1:3000/', 'http://localhost/', 'http://[::1]:3000/'])(
    '%s, an address of the machine itself, is no webhook in the cloud',
    async (webhook) => {
      const answers = await Promise.all([
        fetch(`${api.url}/v1/images?webhook=${encodeURIComponent(webhook)}`, {
          method: 'POST',
          headers: { ...MIA, 'Content-Type': 'image/jpeg' },
          body: 'x',
        }),
        fetch(`${api.url}/v1/uploads`, {
          method: 'POST',
          headers: { ...MIA, 'Content-Type': 'application/json' },
          body: JSON.stringify({ contentType: 'image/jpeg', webhook }),
        }),
      ]);
      for (const answer of answers)
        expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'INVALID_REQUEST' }]);
      const document = await send(`${api.url}/v1/openapi.json`, 'GET', { headers: MIA });
      expect(webhook).not.toMatch(new RegExp(document.json.components.schemas.WebhookAddress.pattern));
    },
  );

  it.each(['"fileName":"half \\ud800.jpg"', '"fileName":"a.jpg","uploader":"\\udc00"', '"\\ud800":1'])(
    'half a character in a body (%s) is refused',
    async (field) => {
      const response = await fetch(`${api.url}/v1/uploads`, {
        method: 'POST',
        headers: { ...MIA, 'Content-Type': 'application/json' },
        body: `{"contentType":"image/jpeg",${field}}`,
      });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ code: 'INVALID_REQUEST' });
    },
  );

  it.each(['%ED%A0%80', '%FF', '%00', '..', '%2F', '\u202e'.repeat(30)])(
    'a file name of nothing that can be written (%s) gets a name of ours',
    async (name) => {
      const response = await fetch(`${api.url}/v1/images?name=${name}`, {
        method: 'POST',
        headers: { ...MIA, 'Content-Type': 'image/jpeg' },
        body: randomBytes(10),
      });
      expect(response.status).toBe(202);
    },
  );

  it('in a correction is left out, so that it can be stored', async () => {
    const id = idNumber(77);
    await api.write(id, {
      ...resultAt(Date.now(), answered(Date.now())),
      source: { ...resultAt(0).source, uploader: 'mia@example.com' },
    });
    // Firestore takes no list in a list.
    const items = [{ sku: '1', quantity: 2, condition: 'new', odd: [[1]] }];
    const response = await fetch(`${api.url}/v1/results/${id}/feedback`, {
      method: 'POST',
      headers: { ...MIA, 'Content-Type': 'application/json' },
      body: JSON.stringify({ verdict: 'corrected', fields: { items } }),
    });
    expect(response.status).toBe(200);
    const { feedback } = (await response.json()) as { feedback: { fields: unknown } };
    expect(feedback.fields).toEqual({ items: [{ sku: '1', quantity: 2, condition: 'new' }] });
  });
});

describe('event streams', () => {
  const open = (email: string, signal: AbortSignal) =>
    fetch(`${api.url}/v1/events`, { headers: tokenOf(email), signal });

  it('are for everybody: one caller holds half of them at most, and gets new ones for those it closes', async () => {
    const ending = new AbortController();
    const one = new AbortController();
    const mine = await Promise.all([
      open('mia@example.com', one.signal),
      open('mia@example.com', ending.signal),
      open('mia@example.com', ending.signal),
    ]);
    expect(mine.map(({ status }) => status)).toEqual([200, 200, 200]);
    const refused = await open('mia@example.com', ending.signal);
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ code: 'TOO_MANY_LISTENERS' });
    expect((await open('ben@example.com', ending.signal)).status).toBe(200);
    one.abort();
    await expect.poll(async () => (await open('mia@example.com', ending.signal)).status).toBe(200);
    ending.abort();
  });
});
