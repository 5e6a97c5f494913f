import { describe, expect, it } from 'vitest';
import { alignAsSet, alignInOrder } from '../../evaluation/align.ts';
import { type AnswerForm, cellsOf, errorsIn } from '../../evaluation/cells.ts';
import { seededRandom } from '../../shared/base/seeded-random.ts';
import { readProfileText } from '../../shared/profiles/file/read-profile.ts';
import { compileZod } from '../../shared/profiles/schema/compile.ts';

/** The form of a profile that is written as a file. */
function formOf(fields: string): AnswerForm {
  const read = readProfileText('receipt', `prompt: Read it.\nfields:\n${fields}`);
  if ('problems' in read) throw new Error(read.problems.map(({ text }) => text).join('\n'));
  return {
    shape: compileZod(read.profile.schema).shape,
    comparators: read.profile.comparators ?? {},
  };
}

const SHELF = formOf(`
  shelf: { nullable: true }
  items: { max: 60, listOf: { fields: { sku: text, quantity: integer } } }
  confidence: { type: number, min: 0, max: 1 }
`);

const verdicts = (form: AnswerForm, expected: unknown, given: unknown) =>
  cellsOf(form, expected, given).map(({ at, verdict }) => `${at} ${verdict}`);

/** The only value of a form with one field. */
function verdictOf(rule: string, expected: unknown, given: unknown): string | undefined {
  return cellsOf(formOf(`  value: ${rule}`), { value: expected }, { value: given })[0]?.verdict;
}

describe('the cells of an answer', () => {
  it('pair entries of a list whatever their order, and say what is missed and what is too much', () => {
    const expected = {
      shelf: 'A-1',
      items: [
        { sku: 'X', quantity: 1 },
        { sku: 'Y', quantity: 2 },
      ],
    };
    const given = {
      shelf: null,
      items: [
        { sku: 'Z', quantity: 9 },
        { sku: 'Y', quantity: 3 },
        { sku: 'X', quantity: 1 },
      ],
    };
    expect(verdicts(SHELF, expected, given)).toEqual([
      'shelf missed',
      'items[0].sku right',
      'items[0].quantity right',
      'items[1].sku right',
      'items[1].quantity wrong',
      'items[0].sku surplus',
      'items[0].quantity surplus',
    ]);
  });

  it('count what is rightly empty as right, and invented values as too much', () => {
    expect(verdicts(SHELF, { shelf: null, items: [] }, { items: [] })).toEqual([
      'shelf empty',
      'items empty',
    ]);
    expect(verdicts(SHELF, { shelf: null }, { shelf: 'A-1' })).toEqual(['shelf surplus']);
  });

  it('leave out what a label does not say, and what the model says of itself', () => {
    expect(
      verdicts(SHELF, { shelf: 'A', confidence: 1 }, { shelf: 'A', items: [{ sku: 'X' }], confidence: 0 }),
    ).toEqual(['shelf right']);
  });

  it('take the nearest of several right values', () => {
    const label = { shelf: { $anyOf: ['A-1', 'A1'] } };
    expect(verdicts(SHELF, label, { shelf: 'A1' })).toEqual(['shelf right']);
    expect(verdicts(SHELF, label, { shelf: 'B' })).toEqual(['shelf wrong']);
  });

  it.each([
    ['text', 'Main  Street', 'main street', 'right'],
    ['{ compare: exact }', 'Main  Street', 'main street', 'wrong'],
    ['number', 1, 1.01, 'wrong'],
    ['{ type: number, compare: { within: 0.05 } }', 1, 1.01, 'right'],
    ['{ type: number, compare: { within: 0.1 } }', 0.3, 0.2, 'right'],
    ['date', '2026-11-29', '29 November 2026', 'right'],
    ['date', '2026-11-29', '29.11.2026', 'right'],
    ['date', '2026-11-29', '11/29/2026', 'right'],
    ['date', '2026-11-29', 'Nov 29, 2026', 'right'],
    ['date', '2026-11-29', '2026-11-28', 'wrong'],
    ['date', '2026-11-29', 'soon', 'wrong'],
    ['boolean', true, false, 'wrong'],
    ['{ enum: [cash, card] }', 'cash', 'card', 'wrong'],
  ])('of the type %s: %j answered as %j is %s', (rule, expected, given, verdict) => {
    expect(verdictOf(rule, expected, given)).toBe(verdict);
  });

  it('compare a list as a set unless its order counts', () => {
    const set = formOf('  tags: { listOf: text, max: 9 }');
    const order = formOf('  tags: { listOf: text, max: 9, compare: order }');
    const [expected, given] = [{ tags: ['a', 'b', 'c'] }, { tags: ['c', 'a', 'b'] }];
    expect(errorsIn(cellsOf(set, expected, given))).toBe(0);
    expect(errorsIn(cellsOf(order, expected, given))).toBe(2);
  });

  it('tell whether a value is right letter for letter', () => {
    const [cell] = cellsOf(SHELF, { shelf: 'A-1' }, { shelf: 'a-1' });
    expect(cell).toMatchObject({ verdict: 'right', exact: false });
  });
});

describe('the pairs of two lists', () => {
  /** The most that any pairing wins, by trying all. */
  const bestWorth = (worth: number[][], row = 0, taken: readonly number[] = []): number =>
    row === worth.length
      ? 0
      : Math.max(
          bestWorth(worth, row + 1, taken),
          ...(worth[row] ?? []).map((won, column) =>
            taken.includes(column) ? 0 : won + bestWorth(worth, row + 1, [...taken, column]),
          ),
        );

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])(
    'win as much as the best of all pairings (drawn lists %i)',
    (seed) => {
      const random = seededRandom(seed);
      const [rows, columns] = [1 + Math.floor(random() * 6), 1 + Math.floor(random() * 6)];
      const worth = Array.from({ length: rows }, () =>
        Array.from({ length: columns }, () => Math.max(0, Math.floor(random() * 5) - 1)),
      );
      const pairs = alignAsSet(rows, columns, (i, j) => worth[i]?.[j] ?? 0);
      expect(pairs.reduce((sum, [i, j]) => sum + (worth[i]?.[j] ?? 0), 0)).toBe(bestWorth(worth));
      expect(new Set(pairs.map(([i]) => i)).size).toBe(pairs.length);
      expect(new Set(pairs.map(([, j]) => j)).size).toBe(pairs.length);
    },
  );

  it('never cross where the order counts', () => {
    const same = (a: string, b: string) =>
      alignInOrder(a.length, b.length, (i, j) => (a[i] === b[j] ? 1 : 0));
    expect(same('abcd', 'axcbd')).toEqual([
      [0, 0],
      [2, 2],
      [3, 4],
    ]);
  });

  it('are found for lists of hundreds in a moment', () => {
    const started = performance.now();
    expect(alignAsSet(200, 200, (i, j) => ((i * 7) % 200 === j ? 2 : 0))).toHaveLength(200);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
