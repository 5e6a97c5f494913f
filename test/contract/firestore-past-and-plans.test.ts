import { type Firestore, Timestamp } from '@google-cloud/firestore';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { CODE, connect, fill, freshCollection, times } from './firestore/subject.ts';

describe('the local Firestore', () => {
  let server: FirestoreServer;
  let client: Firestore;
  const database = () => client;

  beforeAll(async () => {
    server = await startFirestoreServer({});
    client = connect(server.host);
  });
  afterAll(async () => {
    await client.terminate();
    await server.close();
  });

  it('shows what was there at a moment of the last hour, to documents and queries', async () => {
    const collection = freshCollection(database);
    const document = collection.doc('a');
    const { writeTime: readTime } = await document.set({ n: 1 });
    await document.set({ n: 2 });
    await collection.doc('b').set({ n: 1 });
    const seen = await client.runTransaction(
      async (transaction) => [
        (await transaction.get(document)).get('n'),
        (await transaction.get(collection)).size,
        (await transaction.get(collection.doc('b'))).exists,
      ],
      { readOnly: true, readTime },
    );
    expect(seen).toEqual([1, 1, false]);
  });

  it('refuses moments before the last hour, and the future', async () => {
    const document = freshCollection(database).doc();
    const at = (ms: number) =>
      client.runTransaction((transaction) => transaction.get(document), {
        readOnly: true,
        readTime: Timestamp.fromMillis(Date.now() + ms),
      });
    await expect(at(-3_700_000)).rejects.toMatchObject({ code: CODE.failedPrecondition });
    await expect(at(60_000)).rejects.toMatchObject({ code: CODE.invalidArgument });
  });

  it('lets 20 contenders of five attempts each increment one document, none of them in vain', async () => {
    const document = freshCollection(database).doc();
    await document.set({ n: 0 });
    const increment = () =>
      client.runTransaction(async (transaction) => {
        const { n } = (await transaction.get(document)).data() as { n: number };
        transaction.update(document, { n: n + 1 });
      });
    await Promise.all(times(20, increment));
    expect((await document.get()).get('n')).toBe(20);
  });

  it('lets the next one try when a transaction is left open', async () => {
    const document = freshCollection(database).doc();
    await document.set({ n: 0 });
    const held = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    const abandoned = client.runTransaction(async (transaction) => {
      await transaction.get(document);
      held.resolve();
      await left.promise;
    });
    await held.promise;
    await client.runTransaction(async (transaction) => {
      transaction.update(document, { n: ((await transaction.get(document)).get('n') as number) + 1 });
    });
    left.resolve();
    await abandoned;
    expect((await document.get()).get('n')).toBe(1);
  });

  it('explains a query, with its results or without', async () => {
    const collection = freshCollection(database);
    await fill(collection, { a: { n: 1 }, b: { n: 2 } });
    const query = collection.where('n', '>', 1);
    const planned = await query.explain({ analyze: false });
    expect([planned.metrics.executionStats, planned.snapshot]).toEqual([null, null]);
    expect(planned.metrics.planSummary.indexesUsed).toEqual([
      { query_scope: 'Collection', properties: '(n ASC, __name__ ASC)' },
    ]);
    const run = await query.explain({ analyze: true });
    expect([run.metrics.executionStats?.resultsReturned, run.snapshot?.size]).toEqual([1, 1]);
    const counted = await query.count().explain({ analyze: true });
    expect(counted.snapshot?.data().count).toBe(1);
  });

  it('explains a query as a stream that ends', async () => {
    const collection = freshCollection(database);
    await fill(collection, { a: { n: 1 }, b: { n: 2 } });
    const parts: [boolean, boolean][] = [];
    for await (const part of collection.explainStream({ analyze: true })) {
      const { document, metrics } = part as { document?: object; metrics?: object };
      parts.push([document !== undefined, metrics !== undefined]);
    }
    // The last document brings the metrics.
    expect(parts).toEqual([
      [true, false],
      [true, true],
    ]);
  });
});
