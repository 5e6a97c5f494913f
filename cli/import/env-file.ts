/**
 * The settings of a Firebase extension as `firebase ext:export` writes them: `NAME=value` lines, comments, values in
 * quotes with `\n` for line breaks. Names may have a path (`firebaseextensions.v1beta.function/location`).
 */
export function parseEnvFile(text: string): Map<string, string> {
  const settings = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*(?:export\s+)?([A-Za-z_][\w./-]*)\s*=\s*(.*?)\s*$/.exec(line);
    if (match?.[1] !== undefined) settings.set(match[1], unquoted(match[2] ?? ''));
  }
  return settings;
}

function unquoted(value: string): string {
  const quoted = /^(["'])(.*)\1$/s.exec(value);
  if (!quoted) return value.replace(/\s+#.*$/, '');
  const inside = quoted[2] ?? '';
  return quoted[1] === '"' ? inside.replaceAll('\\n', '\n').replaceAll('\\"', '"') : inside;
}
