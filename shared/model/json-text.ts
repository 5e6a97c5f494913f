import { wellFormed } from '../base/text.ts';

/** The value of a JSON text, its texts well-formed, or undefined when it is none. */
function parseJson(text: string): unknown {
  try {
    return wellFormed(JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

/** The JSON inside a ```json fence, or the text itself. */
export function stripFences(text: string): string {
  const trimmed = text.trim();
  const fenced = /^```[a-z]*\s*\n?([\s\S]*?)\n?```$/i.exec(trimmed);
  return (fenced?.[1] ?? trimmed).trim();
}

/**
 * What an answer may mean, the likeliest first: the text as it is, what a list around it holds, and the JSON values
 * that stand in it one after another, with whatever words before, between and behind them.
 */
export function readingsOf(text: string): unknown[] {
  const bare = stripFences(text);
  const whole = parseJson(bare);
  const values = whole === undefined ? embedded(bare) : [whole];
  return values.flatMap((value) => (Array.isArray(value) ? [value, ...(value as unknown[])] : [value]));
}

/** The JSON objects and lists that stand in a text side by side; not what is inside of something broken. */
function embedded(text: string): unknown[] {
  const found: unknown[] = [];
  let from = nextOpening(text, 0);
  while (from !== undefined) {
    const { end } = scan(text, from);
    if (end === undefined) break;
    const value = parseJson(text.slice(from, end));
    if (value !== undefined) found.push(value);
    from = nextOpening(text, end);
  }
  return found;
}

function nextOpening(text: string, from: number): number | undefined {
  const at = text.slice(from).search(/[[{]/);
  return at === -1 ? undefined : from + at;
}

/**
 * What can be saved of a JSON text that was cut off: the complete part of it, open lists and objects closed, a value
 * that was under way dropped. Undefined when nothing whole is left.
 */
export function salvageJson(text: string): unknown {
  const from = nextOpening(text, 0);
  if (from === undefined) return undefined;
  const { best } = scan(text, from);
  const value = best && parseJson(text.slice(from, best.end) + best.closers);
  // A list around the object ends with it.
  return Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : value;
}

interface Scanned {
  /** Behind the bracket that closes the first one; undefined when nothing does. */
  end: number | undefined;
  /** Where the text could be cut at the latest, and what would close it there. */
  best: { end: number; closers: string } | undefined;
}

/** Follows the brackets from the one at `from`, whatever stands in strings. */
function scan(text: string, from: number): Scanned {
  const closers: string[] = [];
  let inString = false;
  let best: Scanned['best'];
  for (let i = from; i < text.length; i += 1) {
    const char = text[i];
    if (inString) {
      if (char === '\\') i += 1;
      else if (char === '"') inString = false;
      continue;
    }
    if (char === '"') inString = true;
    else if (char === '{') closers.push('}');
    else if (char === '[') closers.push(']');
    else if (char === '}' || char === ']') {
      closers.pop();
      best = { end: i + 1, closers: closers.toReversed().join('') };
      if (closers.length === 0) return { end: i + 1, best };
    } else if (char === ',') {
      best = { end: i, closers: closers.toReversed().join('') };
    }
  }
  return { end: undefined, best };
}
