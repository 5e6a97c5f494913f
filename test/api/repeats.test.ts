import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkedToken } from './contract/exchange.ts';
import { resultAt } from './documents.ts';
import { type RunningApi, startApi } from './running-api.ts';

let api: RunningApi;

beforeAll(async () => {
  api = await startApi({ K_SERVICE: 'api', DELEGATES: 'shop@example.com' });
});

afterAll(() => api.close());

interface Settings {
  key?: string;
  name?: string;
  query?: string;
  email?: string;
}

const submit = (
  bytes: Buffer<ArrayBuffer>,
  { key, name = 'a.jpg', query = '', email = 'mia@example.com' }: Settings,
) =>
  fetch(`${api.url}/v1/images?name=${name}${query}`, {
    method: 'POST',
    body: bytes,
    headers: {
      'Content-Type': 'image/jpeg',
      Authorization: checkedToken({ email, email_verified: true }),
      ...(key === undefined ? {} : { 'Idempotency-Key': key }),
    },
  });

const accepted = async (response: Promise<Response>): Promise<{ id: string; name: string }> => {
  expect((await response).status).toBe(202);
  return (await response).json() as Promise<{ id: string; name: string }>;
};

const fileOf = (name: string) => api.storage.bucket('uploads').file(name);
const generationOf = async (name: string) => (await fileOf(name).getMetadata())[0].generation;
const objects = async () => (await api.storage.bucket('uploads').getFiles())[0].length;

async function recordOf(name: string) {
  const records = await api.firestore.collection('idempotency').where('name', '==', name).get();
  const [record] = records.docs;
  if (!record) throw new Error(`no record of ${name}`);
  return record;
}

describe('a submit with an Idempotency-Key', () => {
  it('repeated gets the first answer and stores nothing', async () => {
    const bytes = randomBytes(3_000);
    const first = await accepted(submit(bytes, { key: 'r1' }));
    const generation = await generationOf(first.name);
    expect(await accepted(submit(bytes, { key: 'r1' }))).toEqual(first);
    expect(await generationOf(first.name)).toBe(generation);
    // Also when the upload is gone by then and its result is not.
    await api.write(first.id, resultAt(Date.now()));
    await fileOf(first.name).delete();
    const count = await objects();
    expect(await accepted(submit(bytes, { key: 'r1' }))).toEqual(first);
    expect(await objects()).toBe(count);
    await api.firestore.doc(`results/${first.id}`).delete();
  });

  it('repeated after the picture was deleted stores it again, and it is there', async () => {
    const bytes = randomBytes(3_000);
    const first = await accepted(submit(bytes, { key: 'r7' }));
    const headers = { Authorization: checkedToken({ email: 'mia@example.com', email_verified: true }) };
    const shown = () => fetch(`${api.url}/v1/results/${first.id}`, { headers });
    const deleted = await fetch(`${api.url}/v1/images/${first.id}`, { method: 'DELETE', headers });
    expect(deleted.status).toBe(204);
    expect((await shown()).status).toBe(404);
    // Another picture is no repetition, and does not come back in its place.
    expect((await submit(randomBytes(3_000), { key: 'r7' })).status).toBe(422);
    expect((await shown()).status).toBe(404);
    expect(await accepted(submit(bytes, { key: 'r7' }))).toEqual(first);
    expect(await (await shown()).json()).toMatchObject({ status: 'queued', stage: 'uploaded' });
    expect((await fileOf(first.name).exists())[0]).toBe(true);
  });

  it.each([
    ['another picture', (_: Buffer<ArrayBuffer>) => submit(randomBytes(3_000), { key: 'r2' })],
    ['another name', (bytes: Buffer<ArrayBuffer>) => submit(bytes, { key: 'r2', name: 'b.jpg' })],
    [
      'another profile',
      (bytes: Buffer<ArrayBuffer>) => submit(bytes, { key: 'r2', query: '&profile=inventory' }),
    ],
    [
      'the wish to ask anew',
      (bytes: Buffer<ArrayBuffer>) => submit(bytes, { key: 'r2', query: '&refresh=true' }),
    ],
  ])('and %s is refused', async (_what, again) => {
    const bytes = Buffer.alloc(3_000, 7);
    await accepted(submit(bytes, { key: 'r2' }));
    const response = await again(bytes);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code: 'KEY_REUSED' });
  });

  it('sent ten times at once makes one object', async () => {
    const before = await objects();
    const bytes = randomBytes(200_000);
    const responses = await Promise.all(Array.from({ length: 10 }, () => submit(bytes, { key: 'r3' })));
    const statuses = new Set(responses.map(({ status }) => status));
    expect([...statuses].filter((status) => status !== 202 && status !== 409)).toEqual([]);
    const { name } = await accepted(submit(bytes, { key: 'r3' }));
    expect(await objects()).toBe(before + 1);
    for (const response of responses.filter(({ status }) => status === 202))
      expect(await response.json()).toMatchObject({ name });
  });

  it.each(['before', 'after'])('whose first try died %s the picture was stored goes on', async (moment) => {
    const bytes = randomBytes(3_000);
    const key = `crash-${moment}`;
    const first = await accepted(submit(bytes, { key }));
    const generation = await generationOf(first.name);
    // What a crash leaves: the record without the MD5, with or without the object.
    const record = await recordOf(first.name);
    const { md5: _md5, ...begun } = record.data();
    await record.ref.set(begun);
    if (moment === 'before') await fileOf(first.name).delete();
    expect(await accepted(submit(bytes, { key }))).toEqual(first);
    expect((await generationOf(first.name)) === generation).toBe(moment === 'after');
    expect((await submit(randomBytes(3_000), { key })).status).toBe(422);
  });

  it('of another caller is another key', async () => {
    const bytes = randomBytes(1_000);
    const mine = await accepted(submit(bytes, { key: 'r5' }));
    const theirs = await accepted(submit(bytes, { key: 'r5', email: 'ben@example.com' }));
    expect(theirs.id).not.toBe(mine.id);
  });

  it('that is too old is new', async () => {
    const bytes = randomBytes(1_000);
    const first = await accepted(submit(bytes, { key: 'r6' }));
    await (await recordOf(first.name)).ref.update({ expireAt: new Date(Date.now() - 1) });
    expect((await accepted(submit(bytes, { key: 'r6' }))).id).not.toBe(first.id);
  });
});

describe('who uploads', () => {
  it('is the caller whose token the platform has checked, and travels with the picture', async () => {
    const { name } = await accepted(
      submit(randomBytes(9), { query: '&refresh=true&webhook=https://example.com/h' }),
    );
    const [{ metadata }] = await fileOf(name).getMetadata();
    expect(metadata).toEqual({
      profile: 'describe',
      uploader: 'mia@example.com',
      refresh: 'true',
      webhook: 'https://example.com/h',
    });
  });

  it('may be somebody else only when the caller speaks for others', async () => {
    expect((await submit(randomBytes(9), { query: '&uploader=ben' })).status).toBe(403);
    const { name } = await accepted(
      submit(randomBytes(9), { query: '&uploader=ben', email: 'shop@example.com' }),
    );
    expect((await fileOf(name).getMetadata())[0].metadata).toMatchObject({ uploader: 'ben' });
  });

  it.each([
    ['no token', undefined],
    ['no token at all', 'Bearer x'],
    ['a token of another issuer', checkedToken({ iss: 'https://evil.example', email: 'mia@example.com' })],
    ['an old token', checkedToken({ email: 'mia@example.com', exp: Date.now() / 1000 - 3600 })],
  ])('is not known by %s', async (_what, token) => {
    const headers = token === undefined ? {} : { Authorization: token };
    const response = await fetch(`${api.url}/v1/results`, { headers });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('is the subject of the token where its address is not verified, and the serverless header comes first', async () => {
    const ask = (headers: Record<string, string>) =>
      fetch(`${api.url}/v1/images?name=a`, {
        method: 'POST',
        body: randomBytes(9),
        headers: { 'Content-Type': 'image/jpeg', ...headers },
      });
    const unverified = checkedToken({ email: 'eve@example.com', email_verified: false, sub: '42' });
    const { name } = await accepted(
      ask({
        'X-Serverless-Authorization': unverified,
        Authorization: checkedToken({ email: 'mia@example.com' }),
      }),
    );
    expect((await fileOf(name).getMetadata())[0].metadata).toMatchObject({ uploader: '42' });
  });
});
