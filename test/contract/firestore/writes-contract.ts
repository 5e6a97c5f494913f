import { FieldValue, type WriteResult } from '@google-cloud/firestore';
import { describe, expect, it } from 'vitest';
import { CODE, type Database, failureCode, fill, freshCollection, times } from './subject.ts';

export function describeWrites(database: Database): void {
  describe('single writes', () => {
    it('lets exactly one of 20 contenders create a document', async () => {
      const document = freshCollection(database).doc();
      const codes = await Promise.all(times(20, (i) => failureCode(document.create({ i }))));
      expect(codes.filter((code) => code === undefined)).toHaveLength(1);
      expect(codes.filter((code) => code === CODE.alreadyExists)).toHaveLength(19);
    });

    it('lets exactly one of 20 contenders compare and set on the update time', async () => {
      const document = freshCollection(database).doc();
      const { writeTime } = await document.create({ owner: 'nobody' });
      const codes = await Promise.all(
        times(20, (i) =>
          failureCode(document.update({ owner: `contender ${i}` }, { lastUpdateTime: writeTime })),
        ),
      );
      expect(codes.filter((code) => code === undefined)).toHaveLength(1);
      expect(codes.filter((code) => code === CODE.failedPrecondition)).toHaveLength(19);
    });

    it('keeps the update time when a write changes nothing, so a second compare-and-set on it succeeds', async () => {
      const document = freshCollection(database).doc();
      const { writeTime } = await document.create({ owner: 'me' });
      const again = await document.update({ owner: 'me' }, { lastUpdateTime: writeTime });
      expect(again.writeTime.isEqual(writeTime)).toBe(true);
      expect(
        await failureCode(document.update({ owner: 'me' }, { lastUpdateTime: writeTime })),
      ).toBeUndefined();
    });

    it('refuses to update a document that is not there', async () => {
      expect(await failureCode(freshCollection(database).doc('x').update({ a: 1 }))).toBe(CODE.notFound);
    });

    it('refuses a compare-and-set on a document that is gone', async () => {
      const document = freshCollection(database).doc();
      const { writeTime } = await document.create({ a: 1 });
      await document.delete();
      const code = await failureCode(document.update({ a: 2 }, { lastUpdateTime: writeTime }));
      expect(code).toBe(CODE.failedPrecondition);
    });

    it('refuses to delete a version that is no longer the newest', async () => {
      const document = freshCollection(database).doc();
      const { writeTime } = await document.create({ a: 1 });
      await document.update({ a: 2 });
      expect(await failureCode(document.delete({ lastUpdateTime: writeTime }))).toBe(CODE.failedPrecondition);
      expect((await document.get()).get('a')).toBe(2);
    });

    it('deletes what is not there without complaint, unless it has to exist', async () => {
      const document = freshCollection(database).doc('x');
      expect(await failureCode(document.delete())).toBeUndefined();
      expect(await failureCode(document.delete({ exists: true }))).toBe(CODE.notFound);
    });

    it('replaces the whole document on set', async () => {
      const document = freshCollection(database).doc();
      await document.set({ a: 1, b: { c: 1 } });
      await document.set({ b: { d: 2 } });
      expect((await document.get()).data()).toEqual({ b: { d: 2 } });
    });

    it('merges maps field by field on a merging set', async () => {
      const document = freshCollection(database).doc();
      await document.set({ a: 1, b: { c: 1, list: [1, 2] } });
      await document.set({ b: { d: 2, list: [3] } }, { merge: true });
      expect((await document.get()).data()).toEqual({ a: 1, b: { c: 1, d: 2, list: [3] } });
    });

    it('merges only the fields it is told to', async () => {
      const document = freshCollection(database).doc();
      await document.set({ a: 1, b: 1 });
      await document.set({ a: 2, b: 2 }, { mergeFields: ['b'] });
      expect((await document.get()).data()).toEqual({ a: 1, b: 2 });
    });

    it('creates an empty document by merging nothing', async () => {
      const document = freshCollection(database).doc();
      await document.set({}, { merge: true });
      expect((await document.get()).exists).toBe(true);
    });

    it('replaces a nested map as a whole on update, and one key of it by its path', async () => {
      const document = freshCollection(database).doc();
      await document.set({ whole: { a: 1, b: 1 }, part: { a: 1, b: 1 }, 'odd.key': { a: 1 } });
      await document.update({ whole: { a: 2 }, 'part.a': 2, 'new.deep.path': 3 });
      expect((await document.get()).data()).toEqual({
        whole: { a: 2 },
        part: { a: 2, b: 1 },
        new: { deep: { path: 3 } },
        'odd.key': { a: 1 },
      });
    });

    it('removes a field by its delete sentinel', async () => {
      const document = freshCollection(database).doc();
      await document.set({ a: 1, b: { c: 1, d: 1 } });
      await document.update({ a: FieldValue.delete(), 'b.c': FieldValue.delete() });
      expect((await document.get()).data()).toEqual({ b: { d: 1 } });
    });

    it('keeps the creation time over updates and starts it anew after a deletion', async () => {
      const document = freshCollection(database).doc();
      await document.create({ a: 1 });
      const first = await document.get();
      await document.update({ a: 2 });
      const second = await document.get();
      await document.delete();
      await document.create({ a: 3 });
      const third = await document.get();
      expect(second.createTime?.isEqual(first.createTime as never)).toBe(true);
      expect(Number(second.updateTime?.valueOf() ?? 0) === Number(first.updateTime?.valueOf())).toBe(false);
      expect(third.createTime?.isEqual(first.createTime as never)).toBe(false);
    });

    it('gives every write a later time than the one before', async () => {
      const document = freshCollection(database).doc();
      const results: WriteResult[] = [];
      for (let i = 0; i < 20; i += 1) results.push(await document.set({ i }));
      const stamps = results.map(({ writeTime }) => writeTime.valueOf());
      expect(stamps).toEqual([...new Set(stamps)].sort());
    });

    it('refuses reserved ids and documents over 1 MiB', async () => {
      const collection = freshCollection(database);
      expect(await failureCode(collection.doc('__bad__').set({}))).toBe(CODE.invalidArgument);
      const tooLarge = { text: 'x'.repeat(1_048_600) };
      expect(await failureCode(collection.doc().set(tooLarge))).toBe(CODE.invalidArgument);
      const large = { text: 'x'.repeat(1_040_000) };
      expect(await failureCode(collection.doc().set(large))).toBeUndefined();
    });
  });

  describe('several writes at once', () => {
    it('commits all writes of a batch or none', async () => {
      const collection = freshCollection(database);
      await fill(collection, { present: { a: 1 }, changed: { a: 1 } });
      const batch = database().batch();
      batch.set(collection.doc('new'), { a: 1 });
      batch.update(collection.doc('changed'), { a: 2 });
      batch.create(collection.doc('present'), { a: 3 });
      expect(await failureCode(batch.commit())).toBe(CODE.alreadyExists);
      expect((await collection.doc('new').get()).exists).toBe(false);
      expect((await collection.doc('changed').get()).get('a')).toBe(1);
    });

    it('gives all writes of a batch the same time', async () => {
      const collection = freshCollection(database);
      const batch = database().batch();
      for (const id of ['a', 'b', 'c']) batch.set(collection.doc(id), { id });
      const results = await batch.commit();
      expect(new Set(results.map(({ writeTime }) => writeTime.valueOf())).size).toBe(1);
    });

    it('lets a bulk writer succeed for some documents and fail for others', async () => {
      const collection = freshCollection(database);
      await collection.doc('taken').create({ a: 1 });
      const writer = database().bulkWriter();
      writer.onWriteError(() => false);
      const taken = failureCode(writer.create(collection.doc('taken'), { a: 2 }));
      const free = failureCode(writer.create(collection.doc('free'), { a: 2 }));
      await writer.close();
      expect([await taken, await free]).toEqual([CODE.alreadyExists, undefined]);
    });

    it('deletes a tree of collections', async () => {
      const root = freshCollection(database).doc('root');
      await root.set({ a: 1 });
      await root.collection('below').doc('x').set({ a: 1 });
      await root.collection('below').doc('x').collection('deeper').doc('y').set({ a: 1 });
      await database().recursiveDelete(root);
      expect(await root.listCollections()).toEqual([]);
      expect((await root.get()).exists).toBe(false);
    });
  });

  describe('transforms', () => {
    it('loses no increment of 50 concurrent ones', async () => {
      const document = freshCollection(database).doc();
      await document.set({ n: 0 });
      await Promise.all(times(50, () => document.update({ n: FieldValue.increment(2) })));
      expect((await document.get()).get('n')).toBe(100);
    });

    it('increments from nothing, over text, and into doubles', async () => {
      const document = freshCollection(database).doc();
      await document.set({ text: 'x', whole: 1 });
      const by = FieldValue.increment;
      await document.update({ text: by(3), whole: by(0.5), missing: by(-2) });
      expect((await document.get()).data()).toEqual({ text: 3, whole: 1.5, missing: -2 });
    });

    it('stamps the time of the server', async () => {
      const document = freshCollection(database).doc();
      await document.set({ at: FieldValue.serverTimestamp(), nested: { at: FieldValue.serverTimestamp() } });
      const snapshot = await document.get();
      expect(Math.abs(snapshot.get('at').toMillis() - Date.now())).toBeLessThan(60_000);
      expect(snapshot.get('nested.at')).toEqual(snapshot.get('at'));
    });

    it('adds to an array only what it lacks and removes every occurrence', async () => {
      const document = freshCollection(database).doc();
      await document.set({ union: [1, 'a'], removal: [1, 2, 1, { x: 1 }], fresh: null });
      await document.update({
        union: FieldValue.arrayUnion('a', 'b', 'b', { x: [1] }),
        removal: FieldValue.arrayRemove(1, { x: 1 }),
        fresh: FieldValue.arrayUnion(1),
      });
      expect((await document.get()).data()).toEqual({
        union: [1, 'a', 'b', { x: [1] }],
        removal: [2],
        fresh: [1],
      });
    });

    it('combines a transform with an ordinary write of other fields', async () => {
      const document = freshCollection(database).doc();
      await document.set({ keep: 1, count: 1 });
      await document.set({ other: 2, count: FieldValue.increment(1) }, { merge: true });
      expect((await document.get()).data()).toEqual({ keep: 1, other: 2, count: 2 });
    });
  });
}
