import type { Firestore } from '@google-cloud/firestore';
import { v1 } from '@google-cloud/firestore';
import { credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { CODE, connect, failureCode } from './firestore/subject.ts';

type Fields = Record<string, object>;

const NESTED_MAPS = (levels: number): object =>
  levels === 0 ? { nullValue: 0 } : { mapValue: { fields: { a: NESTED_MAPS(levels - 1) } } };
const NESTED_ALTERNATELY = (levels: number): object => {
  if (levels === 0) return { nullValue: 0 };
  const inner = NESTED_ALTERNATELY(levels - 1);
  return levels % 2 ? { arrayValue: { values: [inner] } } : { mapValue: { fields: { a: inner } } };
};
const text = (stringValue: string) => ({ stringValue });
const map = (fields: Fields) => ({ mapValue: { fields } });
const list = (...values: object[]) => ({ arrayValue: { values } });
const numbered = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, { integerValue: i }]));

const REFUSED: Record<string, Fields> = {
  'half a surrogate pair in a text': { a: text('bad \ud83d end') },
  'half a surrogate pair in a field name': { 'k\ud83d': text('a') },
  'an empty field name': { '': text('a') },
  'an empty field name in a map': { a: map({ '': text('a') }) },
  'a reserved field name': { __x__: text('a') },
  'a reserved field name in a map in a list': { a: list(map({ __x__: text('a') })) },
  'a map that calls itself a vector and is none': { a: map({ __type__: text('__vector__') }) },
  'a vector without dimensions': { a: map({ __type__: text('__vector__'), value: list() }) },
  'a list in a list': { a: list(list(text('a'))) },
  'maps nested 21 deep': { a: NESTED_MAPS(21) },
  'maps and lists nested 21 deep': { a: NESTED_ALTERNATELY(21) },
  'a field name of 1,501 bytes': { [`${'ä'.repeat(750)}b`]: text('a') },
  'a path of 1,501 bytes to a field': { ['a'.repeat(750)]: map({ ['b'.repeat(750)]: text('a') }) },
  'a document over 1 MiB': { a: text('a'.repeat(600_000)), b: text('b'.repeat(600_000)) },
  'a value over 1,048,487 bytes': { a: text('a'.repeat(1_048_488)) },
  'more than 40,000 index entries of fields': numbered(20_001),
  'more than 40,000 index entries of a list': { a: list(...Array(40_001).fill({ booleanValue: true })) },
};

const TAKEN: Record<string, Fields> = {
  'a whole surrogate pair, and U+FFFD as it was sent': { a: text('\u{1F600} \ufffd') },
  'a field name of two underscores': { __: text('a') },
  'maps nested 20 deep': { a: NESTED_MAPS(20) },
  'maps and lists nested 20 deep': { a: NESTED_ALTERNATELY(20) },
  'a field name of 1,500 bytes': { ['ä'.repeat(750)]: text('a') },
  'a text far over the 1,500 bytes that an index keeps of it': { a: text('a'.repeat(100_000)) },
  'a document just below 1 MiB': { a: text('a'.repeat(1_048_400)) },
  '40,000 index entries': numbered(20_000),
};

describe('the local Firestore refuses what production would', () => {
  let server: FirestoreServer;
  let client: Firestore;
  // The low-level client: the other one looks at some of this itself before it sends anything.
  let raw: InstanceType<typeof v1.FirestoreClient>;

  beforeAll(async () => {
    const fields = ['a', 'b', 'c', 'd', 'e', 'f'].map((fieldPath) => ({ fieldPath }));
    server = await startFirestoreServer({ indexes: [{ collectionGroup: 'indexed', fields }] });
    client = connect(server.host);
    raw = new v1.FirestoreClient({
      servicePath: '127.0.0.1',
      port: server.port,
      sslCreds: credentials.createInsecure(),
      projectId: 'contract',
    });
  });
  afterAll(async () => {
    await client.terminate();
    await raw.close();
    await server.close();
  });

  const write = (name: string, fields: Fields) =>
    raw.commit({
      database: 'projects/contract/databases/(default)',
      writes: [{ update: { name: `projects/contract/databases/(default)/documents/${name}`, fields } }],
    });

  it.each(Object.entries(REFUSED))('%s', async (_what, fields) => {
    expect(await failureCode(write('refused/a', fields))).toBe(CODE.invalidArgument);
    expect((await client.doc('refused/a').get()).exists).toBe(false);
  });

  it.each(Object.entries(TAKEN))('but not %s', async (_what, fields) => {
    await write('taken/a', fields);
    expect((await client.doc('taken/a').get()).exists).toBe(true);
  });

  it('a document whose entry in one of the deployed indexes is over 7.5 KiB', async () => {
    const long = (names: string) =>
      Object.fromEntries([...names].map((name) => [name, text('x'.repeat(1500))]));
    expect(await failureCode(write('indexed/a', long('abcdef')))).toBe(CODE.invalidArgument);
    expect(await failureCode(write('indexed/b', long('abcde')))).toBeUndefined();
    expect(await failureCode(write('elsewhere/a', long('abcdef')))).toBeUndefined();
  });

  it('names over 6 KiB', async () => {
    const path = (bytes: number) =>
      Array(6)
        .fill('x'.repeat(Math.floor(bytes / 6)))
        .join('/');
    expect(await failureCode(write(path(6_300), {}))).toBe(CODE.invalidArgument);
    expect(await failureCode(write(path(6_000), {}))).toBeUndefined();
  });

  it('half a surrogate pair in a query', async () => {
    const query = client.collection('taken').where('a', '==', 'a\ud83d');
    expect(await failureCode(query.get())).toBe(CODE.invalidArgument);
  });
});
