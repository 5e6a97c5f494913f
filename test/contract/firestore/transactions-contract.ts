import { describe, expect, it } from 'vitest';
import { CODE, type Database, failureCode, fill, freshCollection, times } from './subject.ts';

export function describeTransactions(database: Database): void {
  describe('transactions', () => {
    it('lose no update of contenders for one document', async () => {
      const document = freshCollection(database).doc();
      await document.set({ n: 0 });
      const add = () =>
        database().runTransaction(
          async (transaction) => {
            const snapshot = await transaction.get(document);
            transaction.update(document, { n: snapshot.get('n') + 1 });
          },
          { maxAttempts: 20 },
        );
      await Promise.all(times(4, add));
      expect((await document.get()).get('n')).toBe(4);
    });

    it('run again when what they read has changed before they commit', async () => {
      const collection = freshCollection(database);
      await fill(collection, { a: { n: 1 } });
      let runs = 0;
      const outside: Promise<unknown>[] = [];
      await database().runTransaction(async (transaction) => {
        runs += 1;
        const read = await transaction.get(collection.where('n', '>', 0));
        if (runs === 1) {
          // Where reads lock, this write waits for the transaction instead of making it run again.
          outside.push(collection.doc('b').set({ n: 2 }));
          await Promise.race([outside[0], new Promise((resolve) => setTimeout(resolve, 300))]);
        }
        transaction.set(collection.doc('total'), { total: read.size });
      });
      await Promise.all(outside);
      const total = (await collection.doc('total').get()).get('total');
      expect([`${total} after ${runs}`]).toContain(total === 1 ? '1 after 1' : '2 after 2');
    });

    it('commit several documents together and return a value', async () => {
      const collection = freshCollection(database);
      await fill(collection, { from: { n: 5 }, to: { n: 0 } });
      const moved = await database().runTransaction(async (transaction) => {
        const [from, to] = await transaction.getAll(collection.doc('from'), collection.doc('to'));
        transaction.update(collection.doc('from'), { n: from?.get('n') - 2 });
        transaction.update(collection.doc('to'), { n: to?.get('n') + 2 });
        return 2;
      });
      expect(moved).toBe(2);
      expect((await collection.get()).docs.map((document) => document.get('n'))).toEqual([3, 2]);
    });

    it('leave nothing behind when they throw', async () => {
      const document = freshCollection(database).doc();
      const work = database().runTransaction(async (transaction) => {
        await transaction.get(document);
        transaction.set(document, { n: 1 });
        throw new Error('changed my mind');
      });
      await expect(work).rejects.toThrow('changed my mind');
      expect((await document.get()).exists).toBe(false);
    });

    it('fail on a precondition like any other write', async () => {
      const document = freshCollection(database).doc();
      await document.set({ n: 1 });
      const work = database().runTransaction(async (transaction) => {
        transaction.create(document, { n: 2 });
      });
      expect(await failureCode(work)).toBe(CODE.alreadyExists);
    });

    it('read without writing', async () => {
      const collection = freshCollection(database);
      await fill(collection, { a: { n: 1 }, b: { n: 2 } });
      const sum = await database().runTransaction(
        async (transaction) => {
          const found = await transaction.get(collection);
          return found.docs.reduce((total, document) => total + document.get('n'), 0);
        },
        { readOnly: true },
      );
      expect(sum).toBe(3);
    });
  });
}
