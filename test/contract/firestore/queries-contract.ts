import {
  AggregateField,
  type CollectionReference,
  FieldPath,
  Filter,
  type Query,
} from '@google-cloud/firestore';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Database, fill, freshCollection, times } from './subject.ts';

const ids = async (query: Query) => (await query.get()).docs.map(({ id }) => id);

const SHELF = {
  a: { status: 'done', size: 3, tags: ['red', 'old'], owner: 'x' },
  b: { status: 'done', size: 1, tags: ['blue'], owner: null },
  c: { status: 'open', size: 2, tags: [], owner: 'y' },
  d: { status: 'open', size: 2.5, tags: ['red'] },
  e: { status: 'open', size: 'large', tags: 'red', owner: Number.NaN },
};

export function describeQueries(database: Database): void {
  describe('queries', () => {
    let shelf: CollectionReference;
    beforeAll(async () => {
      shelf = freshCollection(database);
      await fill(shelf, SHELF);
      await shelf.doc('a').collection('parts').doc('p1').set({ weight: 1 });
      await shelf.doc('b').collection('parts').doc('p2').set({ weight: 2 });
      await shelf.doc('ghost').collection('parts').doc('p3').set({ weight: 3 });
    });

    const byFilter: [string, (q: Query) => Query, string[]][] = [
      ['==', (q) => q.where('status', '==', 'done'), ['a', 'b']],
      ['== null', (q) => q.where('owner', '==', null), ['b']],
      ['== NaN', (q) => q.where('owner', '==', Number.NaN), ['e']],
      ['!= (what lacks the field or is null is left out)', (q) => q.where('owner', '!=', 'x'), ['e', 'c']],
      ['!= null', (q) => q.where('owner', '!=', null), ['e', 'a', 'c']],
      ['> (only values of the same type)', (q) => q.where('size', '>', 1), ['c', 'd', 'a']],
      ['>= and <', (q) => q.where('size', '>=', 1).where('size', '<', 2.5), ['b', 'c']],
      ['<=', (q) => q.where('size', '<=', 2), ['b', 'c']],
      ['in', (q) => q.where('size', 'in', [1, 3, 'large', 9]), ['a', 'b', 'e']],
      ['not-in', (q) => q.where('size', 'not-in', [1, 3]), ['c', 'd', 'e']],
      ['in (NaN equals nothing in a list)', (q) => q.where('owner', 'in', [Number.NaN, 'y']), ['c']],
      ['in, with lists', (q) => q.where('tags', 'in', [['blue'], []]), ['b', 'c']],
      ['array-contains', (q) => q.where('tags', 'array-contains', 'red'), ['a', 'd']],
      ['array-contains-any', (q) => q.where('tags', 'array-contains-any', ['old', 'blue']), ['a', 'b']],
      ['two equalities', (q) => q.where('status', '==', 'open').where('size', '==', 2), ['c']],
      [
        'ids between',
        (q) => q.where(FieldPath.documentId(), '>', 'b').where(FieldPath.documentId(), '<', 'e'),
        ['c', 'd'],
      ],
      ['ids in a list', (q) => q.where(FieldPath.documentId(), 'in', ['e', 'a', 'nobody']), ['a', 'e']],
    ];
    it.each(byFilter)('filters by %s', async (_name, build, expected) => {
      expect(await ids(build(shelf))).toEqual(expected);
    });

    it('combines AND and OR', async () => {
      const either = Filter.or(Filter.where('size', '==', 1), Filter.where('tags', 'array-contains', 'red'));
      expect(await ids(shelf.where(either))).toEqual(['a', 'b', 'd']);
      const both = Filter.and(Filter.where('status', '==', 'done'), either);
      expect(await ids(shelf.where(both))).toEqual(['a', 'b']);
    });

    it('orders by id when nothing else is said', async () => {
      expect(await ids(shelf)).toEqual(['a', 'b', 'c', 'd', 'e']);
      expect(await ids(shelf.orderBy(FieldPath.documentId()).limit(2))).toEqual(['a', 'b']);
    });

    it('orders by a field, leaves out what lacks it, and breaks ties by id in the same direction', async () => {
      expect(await ids(shelf.orderBy('owner'))).toEqual(['b', 'e', 'a', 'c']);
      expect(await ids(shelf.orderBy('status', 'desc'))).toEqual(['e', 'd', 'c', 'b', 'a']);
      expect(await ids(shelf.orderBy('status').orderBy('size', 'desc'))).toEqual(['a', 'b', 'e', 'd', 'c']);
    });

    it('limits from the front, from the back, and after an offset', async () => {
      const bySize = shelf.orderBy('size');
      expect(await ids(bySize.limit(2))).toEqual(['b', 'c']);
      expect(await ids(bySize.limitToLast(2))).toEqual(['a', 'e']);
      expect(await ids(bySize.offset(1).limit(2))).toEqual(['c', 'd']);
    });

    it('starts and ends at values, inclusively or not', async () => {
      const bySize = shelf.orderBy('size');
      expect(await ids(bySize.startAt(2).endAt(3))).toEqual(['c', 'd', 'a']);
      expect(await ids(bySize.startAfter(2).endBefore(3))).toEqual(['d']);
      expect(await ids(shelf.orderBy('size', 'desc').startAt(2))).toEqual(['c', 'b']);
      expect(await ids(shelf.orderBy('status').orderBy('size').startAfter('done', 1).limit(2))).toEqual([
        'a',
        'c',
      ]);
    });

    it('pages through a collection by the last document of each page, without gaps or repeats', async () => {
      const collection = freshCollection(database);
      await fill(collection, Object.fromEntries(times(25, (i) => [`d${i}`, { rank: i % 4 }])));
      const seen: string[] = [];
      let page = await collection.orderBy('rank', 'desc').limit(7).get();
      while (!page.empty) {
        seen.push(...page.docs.map(({ id }) => id));
        page = await collection.orderBy('rank', 'desc').startAfter(page.docs.at(-1)).limit(7).get();
      }
      expect(seen).toHaveLength(25);
      expect(new Set(seen).size).toBe(25);
    });

    it('returns only selected fields', async () => {
      const found = await shelf.where('status', '==', 'done').select('size').get();
      expect(found.docs.map((document) => document.data())).toEqual([{ size: 3 }, { size: 1 }]);
      const bare = await shelf.select().limit(1).get();
      expect(bare.docs.map((document) => document.data())).toEqual([{}]);
    });

    it('orders ids of the form __id7__ as numbers, before all others', async () => {
      const collection = freshCollection(database);
      await fill(collection, { __id10__: {}, a: {}, __id7__: {}, '__id-3__': {}, _: {} });
      expect(await ids(collection)).toEqual(['__id-3__', '__id7__', '__id10__', '_', 'a']);
    });

    it('looks only into the collection named, not into those below', async () => {
      expect(await ids(shelf.doc('a').collection('parts'))).toEqual(['p1']);
      expect(await ids(shelf)).not.toContain('p1');
    });

    it('looks into all collections of a group', async () => {
      const [first, second] = [freshCollection(database), freshCollection(database)];
      const name = `group-${first.id}`;
      await first.doc('a').collection(name).doc('g1').set({ weight: 2 });
      await second.doc('ghost').collection(name).doc('g2').set({ weight: 1 });
      expect((await ids(database().collectionGroup(name))).sort()).toEqual(['g1', 'g2']);
      expect(await ids(database().collectionGroup(name).orderBy('weight'))).toEqual(['g2', 'g1']);
    });

    it('counts, sums and averages', async () => {
      const count = AggregateField.count();
      const [sum, average] = [AggregateField.sum('size'), AggregateField.average('size')];
      expect((await shelf.aggregate({ count, sum, average }).get()).data()).toEqual({
        count: 5,
        sum: 8.5,
        average: 2.125,
      });
      expect((await shelf.where('status', '==', 'open').count().get()).data().count).toBe(3);
      expect((await shelf.limit(2).count().get()).data().count).toBe(2);
      const none = shelf.where('status', '==', 'none').aggregate({ count, sum, average });
      expect((await none.get()).data()).toEqual({ count: 0, sum: 0, average: null });
    });

    it('leaves documents that lack a summed field out of every aggregate of the query', async () => {
      const aggregates = { count: AggregateField.count(), owners: AggregateField.sum('owner') };
      expect((await shelf.where('status', '==', 'open').aggregate(aggregates).get()).data().count).toBe(2);
    });

    it('reads many documents at once, in the order asked, with a field mask', async () => {
      const wanted = ['c', 'nobody', 'a'].map((id) => shelf.doc(id));
      const found = await database().getAll(...wanted, { fieldMask: ['size'] });
      expect(found.map((document) => document.data())).toEqual([{ size: 2 }, undefined, { size: 3 }]);
      expect(found.every(({ readTime }) => readTime.toMillis() > 0)).toBe(true);
    });

    it('lists documents, also those that only have collections below', async () => {
      expect((await shelf.listDocuments()).map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd', 'e', 'ghost']);
      expect((await shelf.doc('ghost').listCollections()).map(({ id }) => id)).toEqual(['parts']);
      expect((await database().listCollections()).map(({ id }) => id)).toContain(shelf.id);
    });
  });
}
