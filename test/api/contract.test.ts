import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { finalizedNotification } from '../../shared/cloud/events/storage-notification.ts';
import { LIMITS } from '../../shared/results/api/requests.ts';
import type { Route } from '../../shared/results/api/routes/route.ts';
import { OPERATIONS, type Operation, ROUTES } from '../../shared/results/api/routes.ts';
import {
  type Asked,
  bare,
  Contract,
  checkedToken,
  documentedAnswers,
  form,
  json,
  type OpenApi,
  picture,
  send,
  withKey,
} from './contract/exchange.ts';
import { answered, idNumber, preparedAs, resultAt } from './documents.ts';
import { type RunningApi, startApi } from './running-api.ts';

const contract = new Contract();
let api: RunningApi;
/** As behind the platform's check of callers. */
let cloudApi: RunningApi;
/** One request a minute, one event stream, no Pub/Sub. */
let strictApi: RunningApi;

beforeAll(async () => {
  [api, cloudApi, strictApi] = await Promise.all([
    startApi({ UPLOAD_IDLE_MS: '2500', MAX_BYTES: '100000', FIGURES_CACHE_MS: '0', RATE_BURST: '100000' }),
    startApi({
      K_SERVICE: 'api',
      API_OPERATORS: 'mia@example.com',
      PUBSUB_EMULATOR_HOST: '127.0.0.1:9',
      MAX_LISTENERS: '1',
    }),
    startApi({ RATE_BURST: '1', RATE_PER_SECOND: '1' }),
  ]);
});

afterAll(() => Promise.all([api.close(), cloudApi.close(), strictApi.close()]));

const ask = (operation: Operation, asked?: Asked) => contract.ask(api.url, operation, asked);
const now = Date.now();
const completed = (id: string) => resultAt(now, { ...preparedAs(id, 9), ...answered(now + 5) });
const jpeg = { contentType: 'image/jpeg' };

const prepare = ({ storage }: RunningApi, id: string) =>
  storage.bucket('prepared').file(`${id}/1700000000000001.jpg`).save('picture', { resumable: false });

/** What must be there for the uploader to be looked at. */
const BODIES: Readonly<Record<string, string>> = {
  giveFeedback: '{"verdict":"right"}',
  passReview: '{"pass":"skip"}',
};

describe('each documented answer', () => {
  it('of a submit occurs', async () => {
    expect((await ask('submitImages', bare())).status).toBe(202);
    const two = await form({ profile: 'inventory' }, [
      ['a.jpg', picture()],
      ['b.jpg', picture()],
    ]);
    expect((await ask('submitImages', two)).json.images).toHaveLength(2);
    const one = await form({}, [
      ['a.jpg', picture()],
      ['b.jpg', Buffer.alloc(0)],
    ]);
    expect((await ask('submitImages', one)).status).toBe(207);
    for (const query of ['?profile=nope', '?refresh=maybe', '?webhook=http://example.com', '?profil=a']) {
      expect((await ask('submitImages', { ...bare(), query })).status).toBe(400);
    }
    const unknown = { ...bare(), query: '?profileVersion=99' };
    expect((await ask('submitImages', unknown)).json.code).toBe('UNKNOWN_VERSION');
    expect((await ask('submitImages', bare(randomBytes(100_001)))).status).toBe(413);
    expect((await ask('submitImages', { body: 'x', headers: { 'Content-Type': 'text/html' } })).status).toBe(
      415,
    );
    expect((await ask('submitImages', { ...bare(), unfinished: true })).status).toBe(408);
  });

  it('of a repeated submit occurs', async () => {
    const first = bare();
    expect((await ask('submitImages', withKey('one', first))).status).toBe(202);
    expect((await ask('submitImages', withKey('one', bare()))).json.code).toBe('KEY_REUSED');

    const headers = { Authorization: checkedToken({}) };
    const keyed = (asked: Asked) => withKey('two', { ...asked, headers: { ...asked.headers, ...headers } });
    // The second comes and is stored while the first is still on its way.
    const second = Promise.withResolvers<void>();
    const overtaken = contract.ask(cloudApi.url, 'submitImages', keyed({ ...bare(), hold: second.promise }));
    await vi.waitFor(async () => {
      const records = await cloudApi.firestore.collection('idempotency').get();
      expect(records.size).toBe(1);
    }, 60_000);
    expect((await contract.ask(cloudApi.url, 'submitImages', keyed(bare()))).status).toBe(202);
    second.resolve();
    expect((await overtaken).json.code).toBe('KEY_IN_USE');
  });

  it('of an address to upload to occurs', async () => {
    expect((await ask('createUpload', json(jpeg))).status).toBe(201);
    expect((await ask('createUpload', json({ ...jpeg, profile: 'nope' }))).json.code).toBe('UNKNOWN_PROFILE');
    expect((await ask('createUpload', json({ ...jpeg, profileVersion: 99 }))).json.code).toBe(
      'UNKNOWN_VERSION',
    );
    expect((await ask('createUpload', json({ ...jpeg, bytes: 100_001 }))).json.code).toBe('TOO_MANY_BYTES');
  });

  it.each([
    'createUpload',
    'giveFeedback',
    'passReview',
    'replayResult',
    'pushProfile',
    'rollBackProfile',
  ] as const)('of the body of %s occurs', async (operation) => {
    const id = idNumber(0x900);
    await api.write(id, completed(id));
    expect((await ask(operation, { id, ...json({ nonsense: 1 }) })).status).toBe(400);
    expect((await ask(operation, { id, ...json({}), body: '{' })).status).toBe(400);
    const most = operation === 'pushProfile' ? LIMITS.profileBytes : LIMITS.jsonBytes;
    expect((await ask(operation, { id, ...json({ note: 'x'.repeat(most) }) })).json.code).toBe(
      'BODY_TOO_LARGE',
    );
    expect((await ask(operation, { id, body: '{}', headers: { 'Content-Type': 'text/plain' } })).status).toBe(
      415,
    );
    expect((await ask(operation, { id, ...json({}), unfinished: true })).status).toBe(408);
  });

  it('of profiles occurs', async () => {
    const text = (prompt: string) => `prompt: ${prompt}\nfields:\n  total: number\n`;
    const profile = { name: 'contract' };
    const push = (prompt: string, more: object = {}, query = '') =>
      ask('pushProfile', { profile, query, ...json({ text: text(prompt), ...more }) });
    for (const prompt of ['One.', 'Two.']) expect((await push(prompt)).status).toBe(201);
    expect((await push('Two.')).status).toBe(200);
    expect((await push('Three.', {}, '?dryRun=true')).status).toBe(200);
    expect((await push('Three.', {}, '?dryRun=maybe')).json.code).toBe('INVALID_REQUEST');
    expect((await push('Three.', { basedOn: 1 })).json.code).toBe('PROFILE_CHANGED');
    expect((await push('', {})).json.code).toBe('INVALID_PROFILE');
    expect((await ask('showProfile', { profile })).status).toBe(200);
    expect((await ask('showProfileVersion', { profile: { ...profile, version: 1 } })).status).toBe(200);
    expect((await ask('showProfileVersion', { profile: { ...profile, version: 9 } })).status).toBe(404);
    expect((await ask('rollBackProfile', { profile })).status).toBe(200);
    expect((await ask('deleteProfile', { profile })).status).toBe(204);
    expect((await ask('deleteProfile', { profile: { name: 'describe' } })).json.code).toBe('PROFILE_NEEDED');
    for (const operation of ['showProfile', 'rollBackProfile', 'deleteProfile'] as const)
      expect((await ask(operation, { profile: { name: 'nobody' } })).status).toBe(404);
    const wrong = { profile: { name: 'No-Name' }, ...json({ text: text('One.') }) };
    expect((await ask('pushProfile', wrong)).status).toBe(404);
    expect((await ask('listProfiles', { query: '?days=7' })).status).toBe(200);
    expect((await ask('listProfiles', { query: '?days=0' })).status).toBe(400);
    const headers = { Authorization: checkedToken({}), 'Content-Type': 'application/json' };
    for (const operation of ['pushProfile', 'rollBackProfile', 'deleteProfile'] as const)
      expect((await contract.ask(cloudApi.url, operation, { headers, body: '{}' })).json.code).toBe(
        'NOT_OPERATOR',
      );
  });

  it('of batch jobs occurs', async () => {
    const [id, nobody] = ['batch-20261129-0a1b2c3d-4e5f', 'batch-20261129-00000000-0000'];
    const times = { deadline: new Date(now + 3_600_000), expireAt: new Date(now + 7_200_000) };
    const since = { notBefore: new Date(now), createdAt: new Date(now), updatedAt: new Date(now) };
    const asked = {
      api: 'developer',
      model: 'gemini-3.5-flash-lite',
      profile: 'describe',
      profileVersion: 1,
    };
    const job = { state: 'running', ...asked, group: 'g', day: '2026-11-29', ...times, ...since };
    const write = (state: string) => api.firestore.doc(`batches/${id}`).set({ ...job, state });
    await write('running');
    expect((await ask('listBatches')).status).toBe(200);
    expect((await ask('showBatch', { id })).status).toBe(200);
    expect((await ask('cancelBatch', { id })).status).toBe(202);
    await write('ended');
    expect((await ask('cancelBatch', { id })).json.code).toBe('BATCH_ENDED');
    const headers = { Authorization: checkedToken({}) };
    for (const operation of ['showBatch', 'cancelBatch'] as const)
      expect((await ask(operation, { id: nobody })).json.code).toBe('NOT_FOUND');
    for (const operation of ['listBatches', 'showBatch', 'cancelBatch'] as const)
      expect((await contract.ask(cloudApi.url, operation, { id, headers })).json.code).toBe('NOT_OPERATOR');
  });

  it('of a deletion occurs', async () => {
    const { json: accepted } = await ask('submitImages', bare());
    expect((await ask('deleteImage', { id: accepted.id })).status).toBe(204);
    expect((await ask('deleteImage', { id: accepted.id })).status).toBe(404);
  });

  it('of results occurs', async () => {
    const { json: accepted } = await ask('submitImages', bare());
    expect((await ask('showResult', { id: accepted.id })).json).toMatchObject({ stage: 'uploaded' });
    const id = idNumber(0x901);
    await api.write(id, completed(id));
    await api.storage
      .bucket('prepared')
      .file(`${id}/1700000000000001.jpg`)
      .save(Buffer.alloc(9), { resumable: false });
    expect((await ask('showResult', { id, query: '?wait=1' })).json.status).toBe('completed');
    expect((await ask('showResult', { id, query: '?wait=61' })).status).toBe(400);
    expect((await ask('showResult', { id: idNumber(0xfff) })).status).toBe(404);
    expect((await ask('listResults', { query: '?limit=3' })).status).toBe(200);
    expect((await ask('listResults', { query: '?limit=0' })).status).toBe(400);
    const { headers } = await ask('showPicture', { id });
    const etag = String(headers.etag);
    expect((await ask('showPicture', { id, headers: { 'If-None-Match': etag } })).status).toBe(304);
    expect((await ask('showPicture', { id: idNumber(0xfff) })).status).toBe(404);
  });

  it('of feedback and replay occurs', async () => {
    const id = idNumber(0x902);
    const underWay = idNumber(0x903);
    await api.write(id, completed(id));
    await api.write(underWay, resultAt(now));
    expect((await ask('giveFeedback', { id, ...json({ verdict: 'right' }) })).status).toBe(200);
    const wrong = json({ verdict: 'corrected', fields: { items: 'none' } });
    expect((await ask('giveFeedback', { id, ...wrong })).json.code).toBe('INVALID_CORRECTION');
    expect((await ask('giveFeedback', { id: underWay, ...json({ verdict: 'right' }) })).status).toBe(409);
    expect((await ask('giveFeedback', json({ verdict: 'right' }))).status).toBe(404);
    expect((await ask('replayResult', { id: underWay })).json.code).toBe('UNDER_WAY');
    expect((await ask('replayResult')).status).toBe(404);
    expect((await ask('replayResult', { id })).json.code).toBe('SOURCE_GONE');
    await prepare(api, id);
    expect((await ask('replayResult', { id })).status).toBe(202);
  });

  it('of reviews occurs', async () => {
    const id = idNumber(0x906);
    expect((await ask('takeReview')).status).toBe(204);
    await api.write(id, { ...completed(id), review: { because: 'unsure', dueAt: new Date(now) } });
    expect((await ask('showReviews')).json.wanted).toBe(1);
    expect((await ask('takeReview')).status).toBe(200);
    expect((await ask('passReview', { id, ...json({ pass: 'skip' }) })).status).toBe(204);
    expect((await ask('passReview', json({ pass: 'skip' }))).status).toBe(404);
  });

  it('of figures, profiles, status and events occurs', async () => {
    expect((await ask('showStats')).status).toBe(200);
    expect((await ask('showCost', { query: '?days=2' })).status).toBe(200);
    expect((await ask('showCost', { query: '?days=32' })).status).toBe(400);
    expect((await ask('listDeadLetters')).status).toBe(200);
    expect((await ask('replayDeadLetters')).status).toBe(200);
    for (const operation of ['listProfiles', 'showStatus', 'streamEvents'] as const)
      expect((await ask(operation)).status).toBe(200);
  });

  it('of a cloud in which nobody is known, or Pub/Sub is away, occurs', async () => {
    for (const [operation] of OPERATIONS)
      expect((await contract.ask(cloudApi.url, operation)).json.code).toBe('UNAUTHENTICATED');
    const headers = { Authorization: checkedToken({ email: 'mia@example.com', email_verified: true }) };
    const asCaller = (asked: Asked): Asked => ({ ...asked, headers: { ...asked.headers, ...headers } });
    const foreign = { ...jpeg, uploader: 'somebody@example.com' };
    expect((await contract.ask(cloudApi.url, 'createUpload', asCaller(json(foreign)))).status).toBe(403);
    const query = '?uploader=somebody';
    expect((await contract.ask(cloudApi.url, 'submitImages', asCaller({ ...bare(), query }))).status).toBe(
      403,
    );
    const id = idNumber(0x904);
    await cloudApi.write(id, completed(id));
    await prepare(cloudApi, id);
    const replayed = await contract.ask(cloudApi.url, 'replayResult', asCaller({ id }));
    expect(replayed.json.code).toBe('EVENTS_UNAVAILABLE');
    for (const operation of ['listDeadLetters', 'replayDeadLetters'] as const)
      expect((await contract.ask(cloudApi.url, operation, asCaller({}))).json.code).toBe(
        'EVENTS_UNAVAILABLE',
      );

    const stream = new AbortController();
    await fetch(`${cloudApi.url}/v1/events`, { headers, signal: stream.signal });
    expect((await contract.ask(cloudApi.url, 'streamEvents', asCaller({}))).json.code).toBe(
      'TOO_MANY_LISTENERS',
    );
    stream.abort();
  });

  it('of an uploader that is named twice, or that the caller may not act for, occurs', async () => {
    const headers = { Authorization: checkedToken({}), 'Content-Type': 'application/json' };
    const scoped = OPERATIONS.filter(
      ([operation, { inQuery }]) => operation !== 'submitImages' && inQuery?.shape['uploader'],
    );
    for (const [operation] of scoped) {
      const body = BODIES[operation];
      const asked = { headers, ...(body === undefined ? {} : { body }) };
      const foreign = await contract.ask(cloudApi.url, operation, { ...asked, query: '?uploader=mia' });
      expect(foreign.status).toBe(403);
      const twice = await contract.ask(cloudApi.url, operation, {
        ...asked,
        query: '?uploader=a&uploader=b',
      });
      expect(twice.status).toBe(400);
    }
  });

  it('of services that are away occurs', async () => {
    const id = idNumber(0x905);
    await api.write(id, completed(id));
    const { json: accepted } = await ask('submitImages', bare());
    api.cloud.storage.setFault('unavailable');
    const storage = await Promise.all([
      ask('submitImages', bare()),
      ask('deleteImage', { id }),
      ask('showResult', { id: accepted.id }),
      ask('showPicture', { id }),
      ask('giveFeedback', { id, ...json({ verdict: 'right' }) }),
      ask('replayResult', { id }),
    ]);
    api.cloud.storage.setFault('none');
    expect(storage.map((answer) => answer.json.code)).toEqual(Array(6).fill('STORAGE_UNAVAILABLE'));

    api.cloud.firestore.setFault('unavailable');
    cloudApi.cloud.firestore.setFault('unavailable');
    const headers = {
      Authorization: checkedToken({}),
      'Content-Type': 'image/jpeg',
      'Idempotency-Key': 'away',
    };
    const lost = finalizedNotification({ bucket: 'uploads', name: 'a.jpg', generation: '1' }, {});
    await api.cloud.pubsub.publish('uploads-dead-letters', { ...lost, attributes: { ...lost.attributes } });
    const store = await Promise.all([
      contract.ask(cloudApi.url, 'submitImages', { ...bare(), headers }),
      ask('createUpload', json(jpeg)),
      ask('deleteImage', { id }),
      ask('listResults'),
      ask('showResult', { id }),
      ask('showPicture', { id }),
      ask('giveFeedback', { id, ...json({ verdict: 'right' }) }),
      ask('showReviews'),
      ask('takeReview'),
      ask('passReview', { id, ...json({ pass: 'skip' }) }),
      ask('replayResult', { id }),
      ask('showStats'),
      ask('showCost'),
      ask('listDeadLetters'),
      ask('listProfiles', { query: '?days=9' }),
      ask('showProfile'),
      ask('showProfileVersion'),
      ask('pushProfile', json({ text: 'prompt: x' })),
      ask('rollBackProfile', json({})),
      ask('deleteProfile'),
      ask('listBatches'),
      ask('showBatch', { id: 'batch-20261129-0a1b2c3d-4e5f' }),
      ask('cancelBatch', { id: 'batch-20261129-0a1b2c3d-4e5f' }),
    ]);
    store.push(await ask('replayDeadLetters'));
    for (const { cloud } of [api, cloudApi]) cloud.firestore.setFault('none');
    expect(store.map((answer) => answer.json.code)).toEqual(Array(24).fill('STORE_UNAVAILABLE'));
  });

  it.each(OPERATIONS)('that any operation may give occurs for %s', async (operation, route: Route) => {
    expect((await ask(operation, { headers: { Host: 'evil.example' } })).json.code).toBe('FOREIGN_HOST');
    expect((await ask(operation, { query: `?x=${'x'.repeat(4_000)}` })).json.code).toBe('URI_TOO_LONG');
    // A slow machine may take longer over one request than the next is refused for.
    const limited = await vi.waitUntil(
      async () => {
        const several = [1, 2, 3].map(() => contract.ask(strictApi.url, operation));
        return (await Promise.all(several)).find(({ json: body }) => body?.code === 'RATE_LIMITED');
      },
      { timeout: 30_000 },
    );
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
    if (route.method === 'get') return;
    const foreign = await ask(operation, { headers: { Origin: 'https://evil.example' } });
    expect(foreign.json.code).toBe('FOREIGN_ORIGIN');
  });

  it('has occurred', async () => {
    // The one of a deployment: where nobody signs in, nobody is refused for who they are.
    const headers = { Authorization: checkedToken({}) };
    const served = await send(`${cloudApi.url}/v1/openapi.json`, 'GET', { headers });
    const document = served.json as OpenApi;
    expect(document.openapi).toBe('3.1.1');
    const documented = documentedAnswers(document);
    expect(documented.length).toBeGreaterThan(100);
    expect(Object.keys(document.paths).length).toBe(
      new Set(Object.values(ROUTES).map(({ path }) => path)).size,
    );
    expect(documented.filter((one) => !contract.seen.has(one))).toEqual([]);
    // And nothing that is not documented.
    expect([...contract.seen].filter((one) => !documented.includes(one))).toEqual([]);
  });
});
