import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';

const EXPORTED =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:class|interface|type|function\*?|const|enum) (\w+)/gm;
/** What is taken by name: imported, or passed on by an `export … from`. */
const TAKEN = /^\s*(?:import|export)\s+(?:type\s+)?(?:\w+\s*,\s*)?\{([^}]*)\}\s*from\s+'([^']+)'/gm;
/** What may take every name of a file. */
const WHOLE =
  /^\s*(?:import|export)\s+\*[^'"`;]*?from\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|\bnew URL\(\s*'([^']+)'/gm;

/** Exports that no other file takes, as `file: name`. `sources` are the texts of the whole project by path. */
export function unusedExports(sources: ReadonlyMap<string, string>): string[] {
  const taken = new Set<string>();
  const whole = new Set<string>();
  for (const [from, text] of sources) {
    const at = (specifier = '') => posix.join(posix.dirname(from), specifier);
    for (const [, names = '', specifier] of text.matchAll(TAKEN)) {
      for (const name of names.split(',')) taken.add(`${at(specifier)}: ${originalName(name)}`);
    }
    for (const match of text.matchAll(WHOLE)) whole.add(at(match[1] ?? match[2] ?? match[3]));
  }
  return [...sources].flatMap(([file, text]) =>
    whole.has(file)
      ? []
      : [...text.matchAll(EXPORTED)].map(([, name]) => `${file}: ${name}`).filter((one) => !taken.has(one)),
  );
}

const originalName = (taken: string): string =>
  taken
    .trim()
    .replace(/^type\s+/, '')
    .split(/\s+as\s+/)[0]
    ?.trim() ?? '';

/** The texts of these files by path. */
export async function readSources(root: string, files: Iterable<string>): Promise<Map<string, string>> {
  const texts = [...files].map(
    async (file): Promise<[string, string]> => [file, await readFile(join(root, file), 'utf8')],
  );
  return new Map(await Promise.all(texts));
}
