/** The JSON inside a ```json fence, or the text itself. */
export function stripFences(text: string): string {
  const trimmed = text.trim();
  const fenced = /^```[a-z]*\s*\n?([\s\S]*?)\n?```$/i.exec(trimmed);
  return (fenced?.[1] ?? trimmed).trim();
}

/** The value of a JSON text, or undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(stripFences(text));
  } catch {
    return undefined;
  }
}

/**
 * What can be saved of a JSON text that was cut off: the complete part of it, open lists and objects closed, a value
 * that was under way dropped. Undefined when nothing whole is left.
 */
export function salvageJson(text: string): unknown {
  const json = text.trim().replace(/^```[a-z]*\s*/i, '');
  const closers: string[] = [];
  let inString = false;
  /** Where the text could be cut, and what would close it there. */
  let best: { end: number; closers: string } | undefined;
  for (let i = 0; i < json.length; i += 1) {
    const char = json[i];
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
    } else if (char === ',') {
      best = { end: i, closers: closers.toReversed().join('') };
    }
  }
  return best && parseJson(json.slice(0, best.end) + best.closers);
}
