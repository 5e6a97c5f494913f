import type { ResultView } from '../../shared/results/api/result.ts';

/** The place of a result in the list. */
type Key = Pick<ResultView, 'createdAt' | 'id'>;

/** One page of the list. Pages far from what is seen keep only their place, so that memory has a bound. */
interface Chunk {
  /** Reads this page again; undefined is the beginning. */
  cursor: string | undefined;
  /** Undefined when it was put away. */
  results: readonly ResultView[] | undefined;
  length: number;
  /** Where it ends: what comes after belongs to the next one. */
  last: Key;
  /** Changes may have been missed: to be read again when it is seen. */
  isStale: boolean;
}

export type Chunks = readonly Chunk[];

/** Negative when `a` comes first: newest first, as the server orders them. */
export const compareKeys = (a: Key, b: Key): number =>
  b.createdAt === a.createdAt ? (b.id < a.id ? -1 : b.id > a.id ? 1 : 0) : b.createdAt < a.createdAt ? -1 : 1;

/** Undefined for a page without results, which is no part of a list. */
export function chunkOf(cursor: string | undefined, results: readonly ResultView[]): Chunk | undefined {
  const last = results.at(-1);
  return last && { cursor, results, length: results.length, last: keyOf(last), isStale: false };
}

const keyOf = ({ createdAt, id }: ResultView): Key => ({ createdAt, id });

export const lengthOf = (chunks: Chunks): number => chunks.reduce((sum, { length }) => sum + length, 0);

export const newestOf = (chunks: Chunks): ResultView | undefined => chunks[0]?.results?.[0];

/** The loaded result of that id. */
export function find(chunks: Chunks, id: string): ResultView | undefined {
  for (const { results } of chunks) {
    const found = results?.find((result) => result.id === id);
    if (found) return found;
  }
  return undefined;
}

export function without(chunks: Chunks, id: string): Chunks {
  const at = chunks.findIndex(({ results }) => results?.some((result) => result.id === id));
  return at < 0 ? chunks : changed(chunks, at, (results) => results.filter((result) => result.id !== id));
}

/**
 * Puts a result into its place, or its later state into the place that it has. Beyond the end of what was read it is
 * left out, unless that is the end of the list.
 */
export function withResult(chunks: Chunks, result: ResultView, isEnd: boolean): Chunks {
  const known = find(chunks, result.id);
  if (known && known.updatedAt > result.updatedAt) return chunks;
  if (known?.createdAt === result.createdAt) return replaced(chunks, result);
  // A newer upload of the same name starts over, at another place.
  const others = known ? without(chunks, result.id) : chunks;
  if (others.length === 0)
    return isEnd ? [chunkOf(undefined, [result])].filter((chunk) => chunk !== undefined) : [];
  const found = others.findIndex(({ last }) => compareKeys(result, last) <= 0);
  const at = found < 0 && isEnd ? others.length - 1 : found;
  return at < 0 ? others : changed(others, at, (results) => [...results, result].sort(compareKeys));
}

const replaced = (chunks: Chunks, result: ResultView): Chunks =>
  chunks.map((chunk) =>
    chunk.results?.some(({ id }) => id === result.id)
      ? { ...chunk, results: chunk.results.map((one) => (one.id === result.id ? result : one)) }
      : chunk,
  );

function changed(
  chunks: Chunks,
  at: number,
  change: (results: readonly ResultView[]) => readonly ResultView[],
): Chunks {
  return chunks.flatMap((chunk, index) => {
    // What was put away is read with all changes when it is seen again.
    if (index !== at || chunk.results === undefined) return [chunk];
    const results = change(chunk.results);
    const last = results.at(-1);
    if (!last) return [];
    const end = compareKeys(last, chunk.last) > 0 ? keyOf(last) : chunk.last;
    return [{ ...chunk, results, length: results.length, last: end }];
  });
}

/** A page that was read again, without what belongs to the next one. */
export function refilled(chunk: Chunk, read: readonly ResultView[]): Chunk {
  const results = read.filter((result) => compareKeys(result, chunk.last) <= 0);
  return { ...chunk, results, length: results.length, isStale: false };
}

/** Puts away what is further than `reach` chunks from those seen; the first stays, since new results go there. */
export function putAway(chunks: Chunks, from: number, to: number, reach: number): Chunks {
  const isFar = (index: number) => index > 0 && (index < from - reach || index > to + reach);
  if (!chunks.some(({ results }, index) => results && isFar(index))) return chunks;
  return chunks.map((chunk, index) => (isFar(index) ? { ...chunk, results: undefined } : chunk));
}

/** One row of the window: its result, or undefined while its page is on the way. */
interface Row {
  index: number;
  result: ResultView | undefined;
}

/** Rows `from` to `to` (not included), and the chunks that they are of. */
export function rowsBetween(
  chunks: Chunks,
  from: number,
  to: number,
): { rows: Row[]; seen: [number, number] } {
  const rows: Row[] = [];
  let start = 0;
  let seen: [number, number] | undefined;
  chunks.forEach(({ results, length }, at) => {
    const [first, end] = [Math.max(from, start), Math.min(to, start + length)];
    if (first < end) seen = [seen?.[0] ?? at, at];
    for (let index = first; index < end; index += 1) rows.push({ index, result: results?.[index - start] });
    start += length;
  });
  return { rows, seen: seen ?? [0, 0] };
}
