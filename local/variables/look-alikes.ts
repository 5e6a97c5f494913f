/** Shorter names of other programs come too near to ours by chance. */
const LEAST_LETTERS = 7;

/**
 * The variable of ours that is meant by a name that nothing reads: spelled nearly alike, or with a word left out
 * (`DAILY_BUDGET` for `DAILY_BUDGET_USD`). An environment is full of other people's variables: what is not near is theirs.
 */
export function meantBy(name: string, known: readonly string[]): string | undefined {
  if (name.length < LEAST_LETTERS || !/^[A-Z][A-Z0-9_]*$/.test(name) || known.includes(name))
    return undefined;
  return nearest(name, known, 2) ?? known.find((one) => leavesOutWords(name, one));
}

/**
 * Whether `name` is `whole` without some of its words. Its first word stays, and another one at least: BASE_URL is
 * anybody's.
 */
function leavesOutWords(name: string, whole: string): boolean {
  const words = name.split('_');
  if (words.length < 2 || !whole.startsWith(`${words[0]}_`)) return false;
  let at = 0;
  for (const word of whole.split('_')) if (word === words[at]) at += 1;
  return at === words.length;
}

/** The known name that a misspelled one is nearest to, if one is within this many letters. */
export function nearest(
  name: string,
  known: readonly string[],
  within = Math.max(2, name.length / 5),
): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best && best.distance <= within ? best.candidate : undefined;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
