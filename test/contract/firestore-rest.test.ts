import type { Firestore } from '@google-cloud/firestore';
import { GeoPoint, Timestamp } from '@google-cloud/firestore';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { connect } from './firestore/subject.ts';

// biome-ignore lint/suspicious/noExplicitAny: whatever the server answers; the assertions tell what it has to be.
type Json = any;

describe("the local Firestore's REST API, on the port of its gRPC", () => {
  let server: FirestoreServer;
  let client: Firestore;
  let documents = '';
  const root = 'projects/contract/databases/(default)/documents';

  beforeAll(async () => {
    server = await startFirestoreServer({});
    client = connect(server.host);
    documents = `http://${server.host}/v1/${root}`;
  });
  afterAll(async () => {
    await client.terminate();
    await server.close();
  });

  async function call(method: string, url: string, body?: object): Promise<{ status: number; json: Json }> {
    const response = await fetch(url, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
    return { status: response.status, json: (await response.json()) as Json };
  }

  it('reads what a client wrote by gRPC, every kind of value', async () => {
    const bytes = Buffer.from('ab');
    const reference = client.doc('a/b');
    const at = new Timestamp(1_795_000_000, 123_456_000);
    const place = new GeoPoint(1.5, 0);
    const whole = { int: 7, double: 1.5, nan: Number.NaN, yes: true, no: false, nothing: null, text: '' };
    await client
      .doc('rest/all')
      .set({ ...whole, bytes, reference, at, place, list: [1], none: [], map: { a: 'b' } });
    const { json } = await call('GET', `${documents}/rest/all`);
    expect(json.name).toBe(`${root}/rest/all`);
    expect(json.createTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}Z$/);
    expect(json.fields).toEqual({
      int: { integerValue: '7' },
      double: { doubleValue: 1.5 },
      nan: { doubleValue: 'NaN' },
      yes: { booleanValue: true },
      no: { booleanValue: false },
      nothing: { nullValue: null },
      text: { stringValue: '' },
      bytes: { bytesValue: 'YWI=' },
      reference: { referenceValue: `${root}/a/b` },
      at: { timestampValue: '2026-11-18T11:06:40.123456Z' },
      place: { geoPointValue: { latitude: 1.5 } },
      list: { arrayValue: { values: [{ integerValue: '1' }] } },
      none: { arrayValue: {} },
      map: { mapValue: { fields: { a: { stringValue: 'b' } } } },
    });
  });

  it('creates, changes by a mask, lists and deletes', async () => {
    const fields = { a: { integerValue: '1' }, b: { stringValue: 'x' } };
    const created = await call('POST', `${documents}/items?documentId=one`, { fields });
    expect(created).toMatchObject({ status: 200, json: { name: `${root}/items/one`, fields } });
    expect((await call('POST', `${documents}/items?documentId=one`, { fields })).json.error).toMatchObject({
      code: 409,
      status: 'ALREADY_EXISTS',
    });
    const changed = { fields: { a: { integerValue: 2 } } };
    await call(
      'PATCH',
      `${documents}/items/one?updateMask.fieldPaths=a&currentDocument.exists=true`,
      changed,
    );
    expect((await client.doc('items/one').get()).data()).toEqual({ a: 2, b: 'x' });
    await call('POST', `${documents}/items`, {
      fields: { a: { timestampValue: '2026-01-31T12:00:00.5+01:00' } },
    });
    const listed = await call('GET', `${documents}/items?pageSize=10&mask.fieldPaths=a`);
    expect(listed.json.documents).toHaveLength(2);
    expect((await call('DELETE', `${documents}/items/one`)).json).toEqual({});
    expect(await call('GET', `${documents}/items/one`)).toMatchObject({
      status: 404,
      json: { error: { status: 'NOT_FOUND' } },
    });
  });

  it('answers queries and counts as lists', async () => {
    await client.doc('fruit/a').set({ kind: 'apple', n: 1 });
    await client.doc('fruit/b').set({ kind: 'pear', n: 2 });
    const where = {
      fieldFilter: { field: { fieldPath: 'kind' }, op: 'EQUAL', value: { stringValue: 'pear' } },
    };
    const structuredQuery = { from: [{ collectionId: 'fruit' }], where, limit: 5 };
    const { json } = await call('POST', `${documents}:runQuery`, { structuredQuery });
    expect(json.flatMap((one: Json) => one.document?.fields.n ?? [])).toEqual([{ integerValue: '2' }]);
    const count = { structuredQuery: { from: [{ collectionId: 'fruit' }] }, aggregations: [{ count: {} }] };
    const counted = await call('POST', `${documents}:runAggregationQuery`, {
      structuredAggregationQuery: count,
    });
    expect(counted.json[0].result.aggregateFields).toEqual({ field_1: { integerValue: '2' } });
  });

  it('runs transactions', async () => {
    await client.doc('money/a').set({ n: 1 });
    const { json: begun } = await call('POST', `${documents}:beginTransaction`, {});
    const name = `${root}/money/a`;
    const { transaction } = begun;
    const read = await call('POST', `${documents}:batchGet`, {
      documents: [name, `${root}/money/b`],
      transaction,
    });
    expect(read.json).toMatchObject([{ found: { name } }, { missing: `${root}/money/b` }]);
    await client.doc('money/a').set({ n: 2 });
    const writes = [{ update: { name, fields: { n: { integerValue: '3' } } } }];
    expect((await call('POST', `${documents}:commit`, { writes, transaction })).json.error.status).toBe(
      'ABORTED',
    );
    expect((await call('POST', `${documents}:commit`, { writes })).json.writeResults).toHaveLength(1);
    expect((await client.doc('money/a').get()).get('n')).toBe(3);
  });

  it.each([
    ['an unknown field', 'POST', '/refused', { field: {} }, 400],
    ['a value of the wrong kind', 'POST', '/refused', { fields: { a: { integerValue: 'x' } } }, 400],
    ['half a surrogate pair', 'POST', '/refused', { fields: { a: { stringValue: '\ud83d' } } }, 400],
    ['an empty field name', 'POST', '/refused', { fields: { '': { stringValue: 'a' } } }, 400],
    ['a method that is not there', 'POST', ':burn', {}, 404],
  ])('refuses %s in Google’s shape', async (_what, method, path, body, status) => {
    const answer = await call(method, `${documents}${path}`, body);
    expect(answer).toMatchObject({ status, json: { error: { code: status, message: expect.any(String) } } });
  });

  it('turns web pages away', async () => {
    const headers = { origin: 'https://example.com' };
    const answer = await fetch(`${documents}/items/page`, { method: 'PATCH', headers, body: '{}' });
    expect(answer.status).toBe(403);
    expect((await client.doc('items/page').get()).exists).toBe(false);
  });
});
