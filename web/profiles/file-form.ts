import { isMap, isScalar, LineCounter, type Pair, type ParsedNode, parseDocument, type YAMLMap } from 'yaml';

/** Kinds of a field that hold one value, in the words of a profile's file. */
const PLAIN_KINDS = [
  'text',
  'number',
  'integer',
  'boolean',
  'date',
  'time',
  'date-time',
  'email',
  'url',
  'uuid',
  'gtin',
  'currency',
] as const;

export const KINDS = [...PLAIN_KINDS, 'choice', 'list', 'object'] as const;

export type Kind = (typeof KINDS)[number];

/** One field of a profile's file, as a row of a form. */
export interface FieldForm {
  /** Where it stands in the file, e.g. `fields`, `items`, `listOf`, `fields`, `sku`. */
  path: readonly string[];
  name: string;
  kind: Kind;
  description: string;
  required: boolean;
  nullable: boolean;
  /** Of a choice. */
  values: readonly string[];
  min?: number;
  max?: number;
  /** Of a list: what each entry is. */
  entries?: FieldForm;
  /** Of an object, or of a list of objects. */
  fields?: readonly FieldForm[];
  /** First and last line of the file that say it, from 1. */
  lines: readonly [number, number];
}

/** What a form can show of a profile's file. */
interface FileForm {
  prompt: string;
  /** Undefined for a file with a JSON Schema instead of fields. */
  fields: readonly FieldForm[] | undefined;
}

/** The file as a form; undefined while the text is no YAML map. */
export function readForm(text: string): FileForm | undefined {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  if (document.errors.length > 0 || !isMap(document.contents)) return undefined;
  const prompt = document.get('prompt');
  const fields = document.get('fields');
  const hasSchema = document.has('schema') && fields === undefined;
  return {
    prompt: typeof prompt === 'string' ? prompt : '',
    fields: hasSchema ? undefined : isMap(fields) ? formsOf(fields, ['fields'], lineCounter) : [],
  };
}

function formsOf(map: YAMLMap, path: readonly string[], counter: LineCounter): FieldForm[] {
  return map.items.map((pair) => {
    const name = String(isScalar(pair.key) ? pair.key.value : pair.key);
    return formOf(
      name,
      pair.value,
      [...path, name],
      linesOf(pair as Pair<ParsedNode, ParsedNode>, counter),
      counter,
    );
  });
}

function formOf(
  name: string,
  node: unknown,
  path: readonly string[],
  lines: readonly [number, number],
  counter: LineCounter,
): FieldForm {
  const plain = { path, name, description: '', required: true, nullable: false, values: [], lines };
  if (!isMap(node)) {
    const type = isScalar(node) ? String(node.value) : 'text';
    return { ...plain, kind: isKind(type) ? type : 'text' };
  }
  const value = (key: string): unknown => node.get(key);
  const numberAt = (key: 'min' | 'max') => (typeof value(key) === 'number' ? { [key]: value(key) } : {});
  const form = {
    ...plain,
    description: textOf(value('description')),
    required: value('required') !== false,
    nullable: value('nullable') === true,
    ...numberAt('min'),
    ...numberAt('max'),
  };
  const fields = value('fields');
  if (isMap(fields))
    return { ...form, kind: 'object', fields: formsOf(fields, [...path, 'fields'], counter) };
  if (node.has('listOf')) {
    const entries = formOf('', node.get('listOf', true), [...path, 'listOf'], lines, counter);
    return { ...form, kind: 'list', entries, ...(entries.fields ? { fields: entries.fields } : {}) };
  }
  if (node.has('enum')) {
    const list = (node.toJSON() as { enum?: unknown }).enum;
    return { ...form, kind: 'choice', values: Array.isArray(list) ? list.map(String) : [] };
  }
  const type = textOf(value('type'));
  return { ...form, kind: isKind(type) ? type : 'text' };
}

const isKind = (text: string): text is Kind => (KINDS as readonly string[]).includes(text);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function linesOf(
  { key, value }: Pair<ParsedNode, ParsedNode>,
  counter: LineCounter,
): readonly [number, number] {
  const from = key.range?.[0] ?? 0;
  const to = Math.max(from, (value?.range?.[1] ?? from) - 1);
  return [counter.linePos(from).line, counter.linePos(to).line];
}

/** The innermost field that this line of the file says. */
export function fieldAtLine(fields: readonly FieldForm[], line: number): FieldForm | undefined {
  const found = fields.find(({ lines: [from, to] }) => line >= from && line <= to);
  return found && (fieldAtLine(found.fields ?? [], line) ?? found);
}
