import type { DocumentSnapshot, Query, QuerySnapshot } from '@google-cloud/firestore';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Database, fill, freshCollection, times } from './subject.ts';

interface Watched {
  /** Changes of each snapshot as `type id`. */
  changes: string[][];
  /** Ids of the newest snapshot, in order. */
  ids: string[];
}

export function describeListeners(database: Database): void {
  const unsubscribe: (() => void)[] = [];
  afterEach(() => {
    for (const stop of unsubscribe.splice(0)) stop();
  });

  function watch(query: Query): Watched {
    const watched: Watched = { changes: [], ids: [] };
    const onSnapshot = (snapshot: QuerySnapshot) => {
      watched.changes.push(snapshot.docChanges().map(({ type, doc }) => `${type} ${doc.id}`));
      watched.ids = snapshot.docs.map(({ id }) => id);
    };
    unsubscribe.push(query.onSnapshot(onSnapshot, () => undefined));
    return watched;
  }

  const eventually = (check: () => void) => vi.waitFor(check, { timeout: 60_000, interval: 10 });

  describe('listeners', () => {
    it('show a document appear, change and vanish', async () => {
      const document = freshCollection(database).doc();
      const seen: unknown[] = [];
      unsubscribe.push(
        document.onSnapshot((snapshot: DocumentSnapshot) => seen.push(snapshot.get('a') ?? 'none')),
      );
      await eventually(() => expect(seen).toEqual(['none']));
      await document.set({ a: 1 });
      await eventually(() => expect(seen).toEqual(['none', 1]));
      await document.update({ a: 2 });
      await eventually(() => expect(seen).toEqual(['none', 1, 2]));
      await document.delete();
      await eventually(() => expect(seen).toEqual(['none', 1, 2, 'none']));
    });

    it('begin with what exists, even when that is nothing', async () => {
      const collection = freshCollection(database);
      const empty = watch(collection);
      await eventually(() => expect(empty.changes).toEqual([[]]));
      await fill(collection, { a: { n: 1 }, b: { n: 2 } });
      const filled = watch(collection);
      await eventually(() => expect(filled.changes).toEqual([['added a', 'added b']]));
    });

    it('tell additions, changes and removals of a query apart', async () => {
      const collection = freshCollection(database);
      await fill(collection, { a: { open: true }, b: { open: false } });
      const watched = watch(collection.where('open', '==', true));
      await eventually(() => expect(watched.ids).toEqual(['a']));
      await collection.doc('b').update({ open: true });
      await eventually(() => expect(watched.changes.at(-1)).toEqual(['added b']));
      await collection.doc('b').update({ note: 'x' });
      await eventually(() => expect(watched.changes.at(-1)).toEqual(['modified b']));
      await collection.doc('a').update({ open: false });
      await eventually(() => expect(watched.changes.at(-1)).toEqual(['removed a']));
      await collection.doc('b').delete();
      await eventually(() => expect(watched.changes.at(-1)).toEqual(['removed b']));
      expect(watched.ids).toEqual([]);
    });

    it('keep a window of the newest three while documents come, sink and go', async () => {
      const collection = freshCollection(database);
      await fill(collection, Object.fromEntries(times(5, (i) => [`d${i}`, { at: i }])));
      const watched = watch(collection.orderBy('at', 'desc').limit(3));
      await eventually(() => expect(watched.ids).toEqual(['d4', 'd3', 'd2']));
      await collection.doc('new').set({ at: 9 });
      await eventually(() => expect(watched.ids).toEqual(['new', 'd4', 'd3']));
      await collection.doc('new').update({ at: -1 });
      await eventually(() => expect(watched.ids).toEqual(['d4', 'd3', 'd2']));
      await collection.doc('d4').delete();
      await eventually(() => expect(watched.ids).toEqual(['d3', 'd2', 'd1']));
      await collection.doc('d3').update({ at: 1.5 });
      await eventually(() => expect(watched.ids).toEqual(['d2', 'd3', 'd1']));
    });

    it('show the last documents of an order', async () => {
      const collection = freshCollection(database);
      await fill(collection, Object.fromEntries(times(4, (i) => [`d${i}`, { at: i }])));
      const watched = watch(collection.orderBy('at').limitToLast(2));
      await eventually(() => expect(watched.ids).toEqual(['d2', 'd3']));
      await collection.doc('d9').set({ at: 9 });
      await eventually(() => expect(watched.ids).toEqual(['d3', 'd9']));
    });

    it('show a batch as one snapshot', async () => {
      const collection = freshCollection(database);
      const watched = watch(collection);
      await eventually(() => expect(watched.changes).toHaveLength(1));
      await fill(collection, { a: {}, b: {}, c: {} });
      await eventually(() => expect(watched.changes.at(-1)).toEqual(['added a', 'added b', 'added c']));
    });

    it('say nothing of a write that changes nothing', async () => {
      const collection = freshCollection(database);
      await fill(collection, { a: { n: 1 } });
      const watched = watch(collection);
      await eventually(() => expect(watched.changes).toHaveLength(1));
      await collection.doc('a').set({ n: 1 });
      await collection.doc('b').set({ n: 1 });
      await eventually(() => expect(watched.changes.slice(1)).toEqual([['added b']]));
    });

    it('work side by side, and one stopped does not disturb the others', async () => {
      const collection = freshCollection(database);
      const all = watch(collection);
      const some = watch(collection.where('n', '>', 1));
      const stopped = watch(collection);
      await eventually(() => expect([all, some, stopped].map((w) => w.changes.length)).toEqual([1, 1, 1]));
      unsubscribe.pop()?.();
      await fill(collection, { a: { n: 1 }, b: { n: 2 } });
      await eventually(() => expect([all.ids, some.ids]).toEqual([['a', 'b'], ['b']]));
      expect(stopped.changes).toHaveLength(1);
    });

    it('follow collection groups', async () => {
      const collection = freshCollection(database);
      const name = `group-${collection.id}`;
      const watched = watch(database().collectionGroup(name));
      await eventually(() => expect(watched.changes).toHaveLength(1));
      await collection.doc('x').collection(name).doc('g').set({ a: 1 });
      await eventually(() => expect(watched.ids).toEqual(['g']));
    });

    it('end in the newest state after a burst of writes', async () => {
      const collection = freshCollection(database);
      const watched = watch(collection.orderBy('n', 'desc').limit(5));
      await eventually(() => expect(watched.changes).toHaveLength(1));
      await Promise.all(times(60, (i) => collection.doc(`d${i}`).set({ n: i })));
      await eventually(() => expect(watched.ids).toEqual(['d59', 'd58', 'd57', 'd56', 'd55']));
    });
  });
}
