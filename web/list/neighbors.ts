import type { Chunks } from './chunks.ts';

/** Ids of the results beside this one in the list, as far as they are loaded. */
export function neighborsOf(chunks: Chunks, id: string): { newer?: string; older?: string } {
  const at = chunks.findIndex(({ results }) => results?.some((result) => result.id === id));
  const results = chunks[at]?.results;
  if (!results) return {};
  const index = results.findIndex((result) => result.id === id);
  const newer = results[index - 1] ?? chunks[at - 1]?.results?.at(-1);
  const older = results[index + 1] ?? chunks[at + 1]?.results?.[0];
  return { ...(newer ? { newer: newer.id } : {}), ...(older ? { older: older.id } : {}) };
}
