import { FieldPath, FieldValue, GeoPoint, Timestamp } from '@google-cloud/firestore';
import { describe, expect, it } from 'vitest';
import { type Database, fill, freshCollection } from './subject.ts';

const SAMPLES: Record<string, unknown> = {
  null: null,
  'true and false': [true, false],
  'whole numbers up to 2^53': [0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
  'doubles at their limits': [0.1, -1e308, 5e-324, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  NaN: Number.NaN,
  'minus zero': -0,
  'text of every plane': 'aäößﬀ 漢字 \u{1F600} \u0000 \uFFFD',
  'empty text, map and array': { text: '', map: {}, array: [] },
  bytes: Buffer.from([0, 1, 254, 255]),
  'a timestamp to the microsecond': new Timestamp(1_795_000_000, 123_456_000),
  'a timestamp before 1970': new Timestamp(-62_135_596_800, 0),
  'a place on earth': new GeoPoint(52.5, -13.4),
  'maps and arrays in each other': { a: [{ b: { c: [1, { d: null }] } }], 'key with.dots and `ticks`': 1 },
  'a vector': FieldValue.vector([1, 2.5, -3]),
};

export function describeValues(database: Database): void {
  describe('values', () => {
    it.each(Object.entries(SAMPLES))('hands back %s unchanged', async (_name, value) => {
      const document = freshCollection(database).doc();
      await document.set({ value });
      expect((await document.get()).get('value')).toEqual(value);
    });

    it('hands back 64-bit integers exactly', async () => {
      const document = freshCollection(database).doc();
      await document.set({ max: 2n ** 63n - 1n, min: -(2n ** 63n) });
      // The plain client rounds on decoding: the stored value is compared on the server instead.
      const { parent } = document;
      expect((await parent.where('max', '==', 2n ** 63n - 1n).get()).size).toBe(1);
      expect((await parent.where('max', '==', 2n ** 63n - 2n).get()).size).toBe(0);
      expect((await parent.where('min', '<', -(2n ** 63n) + 1n).get()).size).toBe(1);
    });

    it('hands back a reference to another document', async () => {
      const document = freshCollection(database).doc();
      await document.set({ self: document });
      expect((await document.get()).get('self').path).toBe(document.path);
    });

    it('cuts timestamps to the microsecond', async () => {
      const document = freshCollection(database).doc();
      await document.set({ at: new Timestamp(1, 999) });
      expect((await document.get()).get('at')).toEqual(new Timestamp(1, 0));
    });

    it('takes ids of any script', async () => {
      const collection = freshCollection(database);
      const ids = ['ä ö', '漢字', '\u{1F600}', 'a.b', '%2F', 'x'.repeat(1500)];
      await fill(collection, Object.fromEntries(ids.map((id) => [id, { id }])));
      const found = await collection.get();
      expect(found.docs.map((document) => document.get('id')).sort()).toEqual([...ids].sort());
    });

    it('orders values of different types as documented', async () => {
      const collection = freshCollection(database);
      const ordered = [
        null,
        false,
        true,
        Number.NaN,
        Number.NEGATIVE_INFINITY,
        -1,
        0.5,
        1,
        2n ** 60n,
        new Timestamp(0, 0),
        new Timestamp(0, 1000),
        '',
        'Z',
        'a',
        '\uFFFD',
        '\u{1F600}',
        Buffer.from([1]),
        Buffer.from([1, 0]),
        database().doc('a/b'),
        new GeoPoint(0, 0),
        new GeoPoint(0, 1),
        [1],
        [1, 0],
        ['a'],
        FieldValue.vector([1]),
        {},
        { a: 1 },
        { a: 2 },
        { b: 0 },
      ];
      const shuffled = ordered
        .map((value, i) => ({ value, i }))
        .sort((a, b) => ((a.i * 7) % 29) - ((b.i * 7) % 29));
      await fill(collection, Object.fromEntries(shuffled.map((entry, at) => [`d${at}`, entry])));
      const found = await collection.orderBy('value').get();
      expect(found.docs.map((document) => document.get('i'))).toEqual([...ordered.keys()]);
    });

    it('finds fields by a path with dots in its names', async () => {
      const collection = freshCollection(database);
      await fill(collection, { a: { 'x.y': { '`': 1 } }, b: { x: { y: 1 } } });
      const found = await collection.where(new FieldPath('x.y', '`'), '==', 1).get();
      expect(found.docs.map(({ id }) => id)).toEqual(['a']);
    });

    it('keeps named databases apart', async () => {
      const collection = freshCollection(database);
      await collection.doc('a').set({ from: 'default' });
      const same = database('other').collection(collection.id).doc('a');
      expect((await same.get()).exists).toBe(false);
      await same.set({ from: 'other' });
      expect((await collection.doc('a').get()).get('from')).toBe('default');
    });
  });
}
