/** Which entry of a list is held against which: pairs of indexes, each at most once. */
export type Pairs = readonly (readonly [expected: number, given: number])[];

/** What a pair wins by standing together, 0 or more. */
type Worth = (expected: number, given: number) => number;

/**
 * The pairs that win most together, whatever the order (Kuhn 1955, with potentials and shortest paths, O(n^2 m)).
 * Entries that win nothing by any pair stay alone.
 */
export function alignAsSet(expected: number, given: number, worth: Worth): Pairs {
  if (expected > given)
    return alignAsSet(given, expected, (a, b) => worth(b, a)).map(([a, b]) => [b, a] as const);
  // Rows and columns count from 1; column 0 stands for "not yet paired".
  const rowOf = new Array<number>(given + 1).fill(0);
  const rowPrice = new Array<number>(expected + 1).fill(0);
  const columnPrice = new Array<number>(given + 1).fill(0);
  for (let row = 1; row <= expected; row += 1) {
    const slack = new Array<number>(given + 1).fill(Number.POSITIVE_INFINITY);
    const cameFrom = new Array<number>(given + 1).fill(0);
    const visited = new Array<boolean>(given + 1).fill(false);
    let column = 0;
    rowOf[0] = row;
    while (rowOf[column] !== 0) {
      visited[column] = true;
      const at = rowOf[column] ?? 0;
      let least = Number.POSITIVE_INFINITY;
      let next = 0;
      for (let other = 1; other <= given; other += 1) {
        if (visited[other]) continue;
        const reduced = -worth(at - 1, other - 1) - (rowPrice[at] ?? 0) - (columnPrice[other] ?? 0);
        if (reduced < (slack[other] ?? 0)) {
          slack[other] = reduced;
          cameFrom[other] = column;
        }
        if ((slack[other] ?? 0) < least) {
          least = slack[other] ?? 0;
          next = other;
        }
      }
      for (let other = 0; other <= given; other += 1) {
        if (visited[other]) {
          const paired = rowOf[other] ?? 0;
          rowPrice[paired] = (rowPrice[paired] ?? 0) + least;
          columnPrice[other] = (columnPrice[other] ?? 0) - least;
        } else slack[other] = (slack[other] ?? 0) - least;
      }
      column = next;
    }
    while (column !== 0) {
      const before = cameFrom[column] ?? 0;
      rowOf[column] = rowOf[before] ?? 0;
      column = before;
    }
  }
  return rowOf.flatMap((row, column) =>
    column > 0 && row > 0 && worth(row - 1, column - 1) > 0 ? [[row - 1, column - 1] as const] : [],
  );
}

/** The pairs that win most together and cross nowhere: for lists whose order counts. */
export function alignInOrder(expected: number, given: number, worth: Worth): Pairs {
  const best = Array.from({ length: expected + 1 }, () => new Array<number>(given + 1).fill(0));
  const at = (i: number, j: number): number => best[i]?.[j] ?? 0;
  for (let i = expected - 1; i >= 0; i -= 1)
    for (let j = given - 1; j >= 0; j -= 1) {
      const row = best[i];
      if (row) row[j] = Math.max(at(i + 1, j), at(i, j + 1), at(i + 1, j + 1) + worth(i, j));
    }
  const pairs: [number, number][] = [];
  let [i, j] = [0, 0];
  while (i < expected && j < given) {
    const together = worth(i, j);
    if (together > 0 && at(i, j) === at(i + 1, j + 1) + together) {
      pairs.push([i, j]);
      i += 1;
      j += 1;
    } else if (at(i, j) === at(i + 1, j)) i += 1;
    else j += 1;
  }
  return pairs;
}
