import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { PipelineClient } from '../../client/pipeline-client.ts';
import { finalizedNotification } from '../../shared/cloud/events/storage-notification.ts';
import { dayOf } from '../../shared/prices/units.ts';
import type { ResultView } from '../../shared/results/api/result.ts';
import { checkedToken } from './contract/exchange.ts';
import { answered, idNumber, preparedAs, resultAt } from './documents.ts';
import { type RunningApi, startApi } from './running-api.ts';
import { readEvents } from './server-sent-events.ts';

const ANA = 'ana@example.com';
const BEN = 'ben@example.com';
const OPERATOR = 'olga@example.com';
const SHOP = 'shop@project.iam.gserviceaccount.com';
const OF_ANA = idNumber(0xa);
const OF_BEN = idNumber(0xb);
const OF_NOBODY = idNumber(0xc);

let api: RunningApi;
/** The same data, where everybody sees everything. */
let team: RunningApi;

beforeAll(async () => {
  const env = { K_SERVICE: 'api', FIGURES_CACHE_MS: '0', MAX_LISTENERS: '40' };
  [api, team] = await Promise.all([
    startApi({ ...env, API_OPERATORS: 'Olga@example.com', DELEGATES: SHOP }),
    startApi({ ...env, API_VISIBILITY: 'team' }),
  ]);
  await Promise.all([api, team].map(fill));
});

afterAll(() => Promise.all([api.close(), team.close()]));

async function fill({ write, storage, firestore }: RunningApi): Promise<void> {
  const now = Date.now();
  for (const [id, uploader] of [
    [OF_ANA, ANA],
    [OF_BEN, BEN],
    [OF_NOBODY, null],
  ] as const) {
    const { source, ...document } = resultAt(now, { ...preparedAs(id, 9), ...answered(now + 5) });
    await write(id, { ...document, source: { ...source, name: `inventory/${id}.jpg`, uploader } });
    await storage.bucket('prepared').file(`${id}/1700000000000001.jpg`).save('picture', { resumable: false });
  }
  await firestore.doc(`spend/pipeline_${dayOf(now)}/shards/one`).set({
    total: { images: 3, nanoUsd: 3_500_000 },
    profiles: { inventory: { images: 3, nanoUsd: 3_500_000 } },
    uploaders: {
      [ANA]: { images: 1, nanoUsd: 1_000_000 },
      [BEN]: { images: 1, nanoUsd: 2_000_000 },
      '(none)': { images: 1, nanoUsd: 500_000 },
    },
  });
}

const signedIn = (email: string) => ({ Authorization: checkedToken({ email, email_verified: true }) });

const ask = (email: string, path: string, options: RequestInit = {}, { url } = api): Promise<Response> =>
  fetch(url + path, { ...options, headers: { ...options.headers, ...signedIn(email) } });

const client = (email: string, { url } = api, uploader?: string) =>
  new PipelineClient({
    baseUrl: url,
    ...(uploader === undefined ? {} : { uploader }),
    token: () => checkedToken({ email, email_verified: true }).replace('Bearer ', ''),
  });

const listed = async (email: string, query = '', at = api): Promise<string[]> => {
  const { results } = (await (await ask(email, `/v1/results${query}`, {}, at)).json()) as {
    results: ResultView[];
  };
  return results.map(({ id }) => id).sort();
};

const json = (method: string, body: unknown): RequestInit => ({
  method,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
});

/** Everything that can be done with one result. */
const TOUCHES: readonly [what: string, path: (id: string) => string, options: RequestInit][] = [
  ['read', (id) => `/v1/results/${id}`, {}],
  ['waited for', (id) => `/v1/results/${id}?wait=1`, {}],
  ['looked at', (id) => `/v1/results/${id}/image`, {}],
  ['judged', (id) => `/v1/results/${id}/feedback`, json('POST', { verdict: 'wrong' })],
  ['passed on', (id) => `/v1/results/${id}/review`, json('POST', { pass: 'skip' })],
  ['replayed', (id) => `/v1/results/${id}/replay`, json('POST', {})],
  ['deleted', (id) => `/v1/images/${id}`, { method: 'DELETE' }],
];

describe('a caller', () => {
  it('lists only what it uploaded', async () => {
    expect(await listed(ANA)).toEqual([OF_ANA]);
    expect(await listed(BEN, '?profile=inventory&status=completed')).toEqual([OF_BEN]);
    expect(await listed('eve@example.com')).toEqual([]);
  });

  it.each(TOUCHES)("finds nothing of somebody else's that could be %s", async (_what, path, options) => {
    const before = (await api.firestore.doc(`results/${OF_BEN}`).get()).data();
    for (const id of [OF_BEN, OF_NOBODY, idNumber(0xdead)]) {
      const response = await ask(ANA, path(id), options);
      expect(response.status).toBe(404);
      // Nothing tells what is somebody else's from what is not there.
      expect(await response.json()).toMatchObject({
        code: 'NOT_FOUND',
        detail: 'There is no result of that id.',
      });
    }
    expect((await api.firestore.doc(`results/${OF_BEN}`).get()).data()).toEqual(before);
  });

  it('reads, looks at and judges what it uploaded', async () => {
    expect((await ask(ANA, `/v1/results/${OF_ANA}`)).status).toBe(200);
    expect((await ask(ANA, `/v1/results/${OF_ANA}/image`)).status).toBe(200);
    const judged = await ask(ANA, `/v1/results/${OF_ANA}/feedback`, json('POST', { verdict: 'right' }));
    expect(await judged.json()).toMatchObject({ feedback: { verdict: 'right', by: ANA } });
  });

  it('alone sees and deletes a picture that it has just uploaded', async () => {
    const { id } = await client(ANA).submit(new Blob([randomBytes(99)], { type: 'image/jpeg' }));
    expect((await ask(BEN, `/v1/results/${id}`)).status).toBe(404);
    expect((await ask(BEN, `/v1/images/${id}`, { method: 'DELETE' })).status).toBe(404);
    expect(await (await ask(ANA, `/v1/results/${id}`)).json()).toMatchObject({ stage: 'uploaded' });
    expect((await ask(ANA, `/v1/images/${id}`, { method: 'DELETE' })).status).toBe(204);
  });

  it('deletes no label of somebody else after the result has expired, and its own', async () => {
    const id = idNumber(0xe);
    const picture = `labels/${id}/1.jpg`;
    await api.storage.bucket('prepared').file(picture).save('picture', { resumable: false });
    await api.firestore.doc(`labels/${id}`).set({
      ...{ profile: 'inventory', profileVersion: 1, verdict: 'right', answer: {}, by: BEN, at: new Date() },
      source: { bucket: 'uploads', name: 'inventory/label.jpg', generation: '1', uploader: BEN },
      picture: { bucket: 'prepared', name: picture },
    });
    const remove = (who: string) => ask(who, `/v1/images/${id}`, { method: 'DELETE' });
    expect((await remove(ANA)).status).toBe(404);
    expect((await api.firestore.doc(`labels/${id}`).get()).exists).toBe(true);
    expect((await remove(BEN)).status).toBe(204);
    expect((await api.firestore.doc(`labels/${id}`).get()).exists).toBe(false);
    expect(await api.storage.bucket('prepared').file(picture).exists()).toEqual([false]);
  });

  it('may not name another uploader anywhere', async () => {
    const paths = [
      '/v1/results',
      `/v1/results/${OF_BEN}`,
      `/v1/results/${OF_BEN}/image`,
      '/v1/events',
      '/v1/stats',
      '/v1/cost',
      '/v1/dead-letters',
    ];
    for (const path of paths) {
      const response = await ask(ANA, `${path}?uploader=${BEN}`);
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({ code: 'FOREIGN_UPLOADER' });
    }
    expect(await listed(ANA, `?uploader=${ANA}`)).toEqual([OF_ANA]);
  });

  it('is told that it sees only its own', async () => {
    expect((await client(ANA).status()).sees).toBe('own');
    expect((await client(OPERATOR).status()).sees).toBe('everything');
    expect((await client(ANA, team).status()).sees).toBe('everything');
  });

  it('counts and pays only its own', async () => {
    const stats = await client(ANA).stats();
    expect(stats.counts.completed).toBe(1);
    expect(stats.sample.images).toBe(1);
    const cost = await client(ANA).cost();
    expect(cost).toMatchObject({ total: { images: 1, usd: 0.001 }, budget: null });
    expect(Object.keys(cost.uploaders)).toEqual([ANA]);
    expect(JSON.stringify(cost)).not.toContain(BEN);
    expect((await client('eve@example.com').cost()).uploaders).toEqual({});
  });
});

describe('the event stream', () => {
  const listen = (email: string, headers: Record<string, string> = {}) => {
    const reader = readEvents(`${api.url}/v1/events`, { ...signedIn(email), ...headers });
    onTestFinished(() => reader.close());
    return reader;
  };
  const change = async (id: string, uploader: string) => {
    const document = resultAt(Date.now(), { updatedAt: new Date() });
    await api.write(id, { ...document, source: { ...document.source, uploader } });
  };
  const idsSeenBy = (reader: ReturnType<typeof listen>) =>
    reader.events
      .filter(({ event }) => event === 'result' || event === 'deleted')
      .map(({ data }) => (data as { id: string }).id);

  it('tells of changes and deletions to who may see them', async () => {
    const [ana, operator] = [listen(ANA), listen(OPERATOR)];
    for (const reader of [ana, operator]) await reader.until(({ event }) => event === 'ready');
    const [first, second] = [idNumber(0x10), idNumber(0x11)];
    await change(second, BEN);
    await api.firestore.doc(`results/${second}`).delete();
    await change(first, ANA);
    await api.firestore.doc(`results/${first}`).delete();
    const isDeletionOf =
      (id: string) =>
      ({ event, data }: { event: string; data: unknown }) =>
        event === 'deleted' && (data as { id: string }).id === id;
    for (const reader of [ana, operator]) await reader.until(isDeletionOf(first));
    expect(idsSeenBy(ana)).toEqual([first, first]);
    expect(idsSeenBy(operator)).toEqual([second, second, first, first]);
  });

  it('tells a returning caller nothing of what others did meanwhile', async () => {
    const since = String(Date.now() - 1);
    await change(idNumber(0x12), BEN);
    await change(idNumber(0x13), ANA);
    const ana = listen(ANA, { 'Last-Event-ID': since });
    await ana.until(({ event }) => event === 'ready');
    expect(idsSeenBy(ana)).not.toContain(idNumber(0x12));
    expect(idsSeenBy(ana)).toContain(idNumber(0x13));
  });
});

describe('dead letters', () => {
  it('are shown to and replayed by who sent the picture', async () => {
    const giveUp = async (uploader: string) => {
      const ref = { bucket: 'uploads', name: `lost-${uploader}.jpg`, generation: '1' };
      const message = finalizedNotification(ref, { metadata: { uploader } });
      await api.cloud.pubsub.publish('uploads-dead-letters', message);
    };
    await Promise.all([giveUp(ANA), giveUp(BEN)]);
    const objects = async (email: string) =>
      (await client(email).deadLetters()).letters.map(({ object }) => object);
    expect(await objects(ANA)).toEqual([`gs://uploads/lost-${ANA}.jpg#1`]);
    expect(await objects(OPERATOR)).toHaveLength(2);
    expect(await client(ANA).replayDeadLetters()).toMatchObject({ replayed: 1, left: 0 });
    expect(await objects(OPERATOR)).toEqual([`gs://uploads/lost-${BEN}.jpg#1`]);
  });
});

describe('an operator', () => {
  it("sees and touches everybody's, and what nobody is known to have uploaded", async () => {
    expect(await listed(OPERATOR)).toEqual(expect.arrayContaining([OF_ANA, OF_BEN, OF_NOBODY]));
    expect((await ask(OPERATOR, `/v1/results/${OF_NOBODY}/image`)).status).toBe(200);
    expect((await client(OPERATOR).cost()).total).toMatchObject({ images: 3 });
  });

  it('may narrow what it sees to one uploader', async () => {
    expect(await listed(OPERATOR, `?uploader=${BEN}&status=completed`)).toEqual([OF_BEN]);
    expect((await ask(OPERATOR, `/v1/results/${OF_ANA}?uploader=${BEN}`)).status).toBe(404);
  });
});

describe('a delegate', () => {
  it('acts for the uploader that it names, and else for itself', async () => {
    expect(await listed(SHOP)).toEqual([]);
    expect((await ask(SHOP, `/v1/results/${OF_BEN}`)).status).toBe(404);
    expect(await listed(SHOP, `?uploader=${BEN}&status=completed`)).toEqual([OF_BEN]);
    expect((await ask(SHOP, `/v1/results/${OF_BEN}?uploader=${BEN}`)).status).toBe(200);
    expect((await ask(SHOP, `/v1/results/${OF_BEN}?uploader=${ANA}`)).status).toBe(404);
  });

  it('sends pictures as those of that uploader, who finds them', async () => {
    const shop = client(SHOP, api, BEN);
    const { id } = await shop.submit(new Blob([randomBytes(99)], { type: 'image/jpeg' }));
    expect(await shop.result(id)).toMatchObject({ stage: 'uploaded' });
    expect(await client(BEN).result(id)).toMatchObject({ stage: 'uploaded' });
    expect(await client(SHOP).result(id)).toBeUndefined();
    const ticket = await shop.createUpload({ contentType: 'image/jpeg' });
    expect(ticket.headers['x-goog-meta-uploader']).toBe(BEN);
  });
});

describe('a team that shares everything', () => {
  it('lets every caller see and touch everything', async () => {
    const everything = [OF_ANA, OF_BEN, OF_NOBODY].sort();
    expect(await listed('eve@example.com', '', team)).toEqual(everything);
    expect(await listed('eve@example.com', `?uploader=${BEN}`, team)).toEqual([OF_BEN]);
    expect((await client('eve@example.com', team).cost()).total).toMatchObject({ images: 3 });
    const [, , , [, path, options]] = TOUCHES as [never, never, never, (typeof TOUCHES)[number]];
    expect((await ask('eve@example.com', path(OF_BEN), options, team)).status).toBe(200);
  });
});
