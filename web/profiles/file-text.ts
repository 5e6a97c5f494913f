import { type Document, isMap, isScalar, parseDocument, Scalar, YAMLMap } from 'yaml';
import type { FieldForm, Kind } from './file-form.ts';

/** Applies a change to the file and keeps everything else of it: order, comments, spelling. */
function changed(text: string, change: (document: Document) => void): string {
  const document: Document = parseDocument(text);
  change(document);
  return document.toString({ lineWidth: 110 });
}

export const withPrompt = (text: string, prompt: string): string =>
  changed(text, (document) => {
    const node = document.get('prompt', true);
    if (isScalar(node)) node.value = prompt;
    else document.set('prompt', prompt);
  });

/** What a row can change of its field. An empty description and an undefined bound are left out of the file. */
export type FieldChange = Partial<
  Pick<FieldForm, 'description' | 'required' | 'nullable' | 'kind'> & {
    values: readonly string[];
    min: number | undefined;
    max: number | undefined;
  }
>;

const MOST_ENTRIES = 50;

export const withField = (text: string, path: readonly string[], change: FieldChange): string =>
  changed(text, (document) => {
    const row = rowAt(document, path);
    if (change.kind !== undefined) setKind(document, row, change.kind);
    if (change.values) row.set('enum', document.createNode(change.values, { flow: true }));
    setOrDelete(row, 'description', change, '');
    setOrDelete(row, 'required', change, true);
    setOrDelete(row, 'nullable', change, false);
    setOrDelete(row, 'min', change, undefined);
    setOrDelete(row, 'max', change, undefined);
  });

function setOrDelete(row: YAMLMap, key: keyof FieldChange, change: FieldChange, usual: unknown): void {
  if (!Object.hasOwn(change, key)) return;
  if (change[key] === usual) row.delete(key);
  else row.set(key, change[key]);
}

/** The map of a field's rules; one that was a bare type becomes a map. */
function rowAt(document: Document, path: readonly string[]): YAMLMap {
  const node = document.getIn(path, true);
  if (isMap(node)) return node;
  const row = new YAMLMap(document.schema);
  row.flow = true;
  if (isScalar(node) && node.value !== 'text') row.set('type', node.value);
  document.setIn(path, row);
  return row;
}

function setKind(document: Document, row: YAMLMap, kind: Kind): void {
  for (const key of ['type', 'enum', 'fields', 'listOf', 'min', 'max', 'pattern', 'unique', 'default'])
    row.delete(key);
  switch (kind) {
    case 'text':
      return;
    case 'choice':
      row.set('enum', document.createNode(['one', 'two'], { flow: true }));
      return;
    case 'list':
      row.set('max', MOST_ENTRIES);
      row.set('listOf', 'text');
      return;
    case 'object':
      row.flow = false;
      row.set('fields', document.createNode({ name: 'text' }));
      return;
    default:
      row.set('type', kind);
  }
}

/** Under another name, at its place. Unchanged when a neighbor has that name. */
export const renamed = (text: string, path: readonly string[], name: string): string =>
  changed(text, (document) => {
    const { map, index } = placeOf(document, path);
    const pair = map?.items[index];
    if (!map || !pair || map.has(name)) return;
    if (isScalar(pair.key)) pair.key.value = name;
    else pair.key = new Scalar(name);
  });

/** Earlier (-1) or later (1) among its neighbors: models answer in this order. */
export const moved = (text: string, path: readonly string[], by: -1 | 1): string =>
  changed(text, (document) => {
    const { map, index } = placeOf(document, path);
    const pair = map?.items[index];
    if (!map || !pair || !map.items[index + by]) return;
    map.items.splice(index, 1);
    map.items.splice(index + by, 0, pair);
  });

export const without = (text: string, path: readonly string[]): string =>
  changed(text, (document) => document.deleteIn(path));

/** A further field, of the form or of the object at `path`, under a name that is free. */
export const withNewField = (text: string, path: readonly string[]): string =>
  changed(text, (document) => {
    const taken = document.getIn(path);
    const map = isMap(taken) ? taken : new YAMLMap(document.schema);
    if (!isMap(taken)) document.setIn(path, map);
    map.flow = false;
    let name = 'newField';
    for (let n = 2; map.has(name); n += 1) name = `newField${n}`;
    map.set(name, 'text');
  });

function placeOf(document: Document, path: readonly string[]): { map: YAMLMap | undefined; index: number } {
  const map = document.getIn(path.slice(0, -1));
  if (!isMap(map)) return { map: undefined, index: -1 };
  const index = map.items.findIndex(({ key }) => (isScalar(key) ? key.value : key) === path.at(-1));
  return { map, index };
}
