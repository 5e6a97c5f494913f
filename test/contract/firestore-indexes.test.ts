import { AggregateField, FieldPath, Filter, type Firestore, type Query } from '@google-cloud/firestore';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CompositeIndex } from '../../local/firestore/indexes.ts';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { connect } from './firestore/subject.ts';

const INDEXES: CompositeIndex[] = [
  {
    collectionGroup: 'results',
    fields: [
      { fieldPath: 'status', order: 'ASCENDING' },
      { fieldPath: 'updatedAt', order: 'DESCENDING' },
    ],
  },
  {
    collectionGroup: 'results',
    fields: [
      { fieldPath: 'profile', order: 'ASCENDING' },
      { fieldPath: 'updatedAt', order: 'DESCENDING' },
      { fieldPath: '__name__', order: 'DESCENDING' },
    ],
  },
  {
    collectionGroup: 'results',
    fields: [
      { fieldPath: 'tags', arrayConfig: 'CONTAINS' },
      { fieldPath: 'updatedAt', order: 'ASCENDING' },
    ],
  },
  {
    collectionGroup: 'shards',
    queryScope: 'COLLECTION_GROUP',
    fields: [{ fieldPath: 'n', order: 'ASCENDING' }],
  },
];

let server: FirestoreServer;
let client: Firestore;
beforeAll(async () => {
  server = await startFirestoreServer({ indexes: INDEXES });
  client = connect(server.host);
});
afterAll(async () => {
  await client.terminate();
  await server.close();
});

const results = () => client.collection('results');
const newest = (query: Query) => query.orderBy('updatedAt', 'desc');

const rejection = (query: Query) =>
  query.get().then(
    () => undefined,
    (error: Error) => error.message,
  );

const allowed: [string, () => Query][] = [
  ['a whole collection', () => results()],
  ['one order', () => newest(results())],
  ['one range', () => results().where('cost', '>', 1).orderBy('cost', 'desc')],
  ['several equalities', () => results().where('status', '==', 'failed').where('profile', '==', 'x')],
  [
    'equalities and an array',
    () => results().where('status', '==', 'x').where('tags', 'array-contains', 'y'),
  ],
  ['any of several values', () => results().where('status', 'in', ['parked', 'failed'])],
  ['an index in its direction', () => newest(results().where('status', '==', 'failed')).limit(3)],
  ['an index backwards', () => newest(results().where('status', '==', 'failed')).limitToLast(3)],
  ['an index that spells out the name', () => newest(results().where('profile', '==', 'x'))],
  ['two indexes merged', () => newest(results().where('status', '==', 'x').where('profile', '==', 'y'))],
  ['an array with an order', () => results().where('tags', 'array-contains', 'x').orderBy('updatedAt')],
  ['a group by name', () => client.collectionGroup('parts')],
  ['a group with its index', () => client.collectionGroup('shards').where('n', '>', 1)],
];

const rejected: [string, () => Query, string][] = [
  [
    'an equality with an order',
    () => newest(results().where('uploader', '==', 'x')),
    'uploader ASCENDING, updatedAt DESCENDING',
  ],
  [
    'a direction that no index has',
    () => newest(results().where('status', '==', 'x')).orderBy('cost'),
    'status ASCENDING, updatedAt DESCENDING, cost ASCENDING',
  ],
  ['two orders', () => newest(results()).orderBy('cost', 'desc'), 'updatedAt DESCENDING, cost DESCENDING'],
  [
    'a range over one field and an order by another',
    () => results().where('cost', '>', 1).orderBy('updatedAt').orderBy('cost'),
    'updatedAt ASCENDING, cost ASCENDING',
  ],
  [
    'one branch of an OR',
    () =>
      newest(
        results().where(Filter.or(Filter.where('status', '==', 'x'), Filter.where('uploader', '==', 'y'))),
      ),
    'uploader ASCENDING, updatedAt DESCENDING',
  ],
  ['names backwards', () => results().orderBy(FieldPath.documentId(), 'desc'), '__name__ DESCENDING'],
  [
    'a group by a field',
    () => client.collectionGroup('parts').where('n', '==', 1),
    'query scope COLLECTION_GROUP',
  ],
];

describe('indexes the database must have', () => {
  it.each(allowed)('answers %s', async (_name, query) => {
    expect(await rejection(query())).toBeUndefined();
  });

  it.each(rejected)('rejects %s, naming the index', async (_name, query, wanted) => {
    const message = await rejection(query());
    expect(message).toMatch(/^9 FAILED_PRECONDITION: The query requires an index/);
    expect(message).toContain(wanted);
  });

  it('needs the summed field in the index as well', async () => {
    const failed = results().where('status', '==', 'failed');
    const sum = (field: string) => failed.aggregate({ sum: AggregateField.sum(field) }).get();
    await expect(sum('cost.usd')).rejects.toThrow('status ASCENDING, cost.usd ASCENDING');
    expect((await failed.count().get()).data().count).toBe(0);
  });

  it('tells a listener too', async () => {
    const query = newest(results().where('uploader', '==', 'x'));
    const error = await new Promise<Error>((resolve) => query.onSnapshot(() => undefined, resolve));
    expect(error.message).toContain('uploader ASCENDING, updatedAt DESCENDING');
  });
});
