import { createRequire } from 'node:module';
import type { Document, Node, Scalar } from 'yaml';

/** A place in a file, counted from 1. */
interface FilePlace {
  line: number;
  column: number;
}

/** One thing wrong with a file, in a sentence without its full stop. */
export interface FileProblem extends Partial<FilePlace> {
  text: string;
}

/** What stands in a file, and where. */
export interface ReadText {
  value: unknown;
  problems: FileProblem[];
  /** Where the value at this path begins, or the nearest one around it. */
  placeOf(path: readonly PropertyKey[]): FilePlace | undefined;
}

/** A profile with a long guide has some 10,000 characters. */
const MAX_CHARACTERS = 300_000;
/** Aliases that multiply each other are no way to save a few lines. */
const MAX_ALIASES = 100;

/** Words and numbers that YAML 1.1, which most parsers still follow, reads as something else than 1.2 does. */
const AMBIGUOUS: readonly [pattern: RegExp, meaning: string][] = [
  [/^(?:y|n|yes|no|on|off)$/i, 'true or false'],
  [/^\d{4}-\d\d?-\d\d?(?:[Tt ].*)?$/, 'a date'],
  [/^[-+]?0\d+$/, 'an octal number'],
  [/^[-+]?\d[\d_]*_[\d_]*$/, 'a number'],
  [/^[-+]?\d+(?::[0-5]?\d)+$/, 'a number of base 60'],
];

export type YamlParser = typeof import('yaml');

/** Loaded where a file is read: most deployed functions have their profiles as JSON and never do. */
const installedParser = (): YamlParser => createRequire(import.meta.url)('yaml') as YamlParser;

/**
 * Reads YAML 1.2 or JSON, and refuses what does not mean what it seems: keys that come twice, words that other parsers
 * read as something else, tags, merges, several documents, aliases beyond number.
 */
export function readYaml(text: string, parser?: YamlParser): ReadText {
  const nothing = { value: undefined, placeOf: () => undefined };
  if (text.length > MAX_CHARACTERS)
    return { ...nothing, problems: [{ text: `the file has more than ${MAX_CHARACTERS} characters` }] };
  const yaml = parser ?? installedParser();
  const { LineCounter, parseAllDocuments, visit } = yaml;
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, merge: false, stringKeys: true });
  const [document] = Array.isArray(documents) ? documents : [];
  if (!document?.contents) return { ...nothing, problems: [{ text: 'the file is empty' }] };
  const at = (offset = 0): FilePlace => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems: FileProblem[] = [...document.errors, ...document.warnings].map(({ message, pos }) => ({
    ...at(pos[0]),
    text: sentenceOf(message),
  }));
  if (documents.length > 1)
    problems.push({ ...at(documents[1]?.range[0]), text: 'a file holds one profile' });
  visit(document as Document, {
    Scalar: (_key, scalar) => {
      const meaning = meaningElsewhere(scalar);
      if (meaning !== undefined)
        problems.push({
          ...at(scalar.range?.[0]),
          text: `${scalar.source ?? ''} is ${meaning} for many readers of YAML; write "${scalar.source ?? ''}" in quotes`,
        });
    },
  });
  return {
    ...plainValue(document as Document, problems),
    problems,
    placeOf: (path) => placeIn(yaml, document, path, at),
  };
}

function meaningElsewhere({ type, source = '' }: Scalar): string | undefined {
  if (type !== 'PLAIN') return undefined;
  return AMBIGUOUS.find(([pattern]) => pattern.test(source))?.[1];
}

function plainValue(document: Document, problems: FileProblem[]): { value: unknown } {
  if (problems.length > 0) return { value: undefined };
  try {
    return { value: document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown };
  } catch {
    problems.push({ text: `the file uses more than ${MAX_ALIASES} aliases; write the values out` });
    return { value: undefined };
  }
}

/** At the key of what is meant, which stands on the line that a person looks for. */
function placeIn(
  { isMap, isScalar }: YamlParser,
  document: Pick<Document, 'getIn' | 'contents'>,
  path: readonly PropertyKey[],
  at: (offset?: number) => FilePlace,
): FilePlace | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const [parent, key] = [path.slice(0, length - 1), path[length - 1]];
    const node = document.getIn(path.slice(0, length), true) as Node | undefined;
    const around = (length === 1 ? document.contents : document.getIn(parent, true)) as Node | undefined;
    const pair = isMap(around)
      ? around.items.find((item) => isScalar(item.key) && item.key.value === key)
      : undefined;
    const range = isScalar(pair?.key) ? pair.key.range : node?.range;
    if (range) return at(range[0]);
  }
  return at(0);
}

/** The parser's first line without the place, which is said apart, and its picture of the text. */
const sentenceOf = (message: string): string =>
  (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '').replace(/\.$/, '');
