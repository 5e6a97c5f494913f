/** A value nested deeper is stored nowhere: anyone who writes it is refused. */
const MAX_DEPTH = 200;

const CHARACTERS = new Intl.Segmenter();

/**
 * The beginning of a text, at most `maxUnits` UTF-16 units long, well-formed and cut between characters as people see
 * them: neither an emoji of several code points nor a letter with its accent is taken apart.
 */
export function cutText(text: string, maxUnits: number): string {
  if (text.length <= maxUnits) return text.toWellFormed();
  // Only a little beyond the cut: what is cut off may be long.
  const near = text.slice(0, maxUnits + LONGEST_CHARACTER);
  const end = CHARACTERS.segment(near).containing(maxUnits)?.index ?? maxUnits;
  // A "character" that is longer than all that may stay is no character but a trick: it is cut between code points.
  const cut = end === 0 ? withoutHalfPair(text.slice(0, maxUnits)) : text.slice(0, end);
  return cut.toWellFormed();
}

/** UTF-16 units; families of emoji have 25. */
const LONGEST_CHARACTER = 64;

const withoutHalfPair = (text: string): string => text.replace(/[\uD800-\uDBFF]$/, '');

/**
 * The value with U+FFFD in place of every half of a surrogate pair, in texts and keys at any depth. JSON may hold half
 * a pair as an escape, but UTF-8 cannot: a server refuses the whole message (https://www.rfc-editor.org/rfc/rfc3629,
 * section 3). Dates and other objects with a class stay as they are.
 */
export function wellFormed<T>(value: T, depth = 0): T {
  if (typeof value === 'string') return value.toWellFormed() as T;
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => wellFormed(item, depth + 1)) as T;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.toWellFormed(), wellFormed(item, depth + 1)]),
  ) as T;
}
