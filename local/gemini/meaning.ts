import type { Schema } from './request.ts';
import { caption, colorNames, shape, tags, title } from './statements.ts';
import { confidence, type View } from './view.ts';

/** What a field can be given; lists are given to arrays, a single value to the rest. */
export type Known = string | number | boolean | string[] | undefined;

interface Meaning {
  /** Whether a field whose name has these words is meant. */
  fits: (words: readonly string[]) => boolean;
  read: (view: View, schema: Schema, words: readonly string[]) => Known;
}

/** Words of a field's name: `visibleText`, `visible_text` and `visible-text` are visible, text. */
export const wordsOf = (name: string): string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);

const isBoolean = (schema: Schema): boolean => String(schema.type).toLowerCase() === 'boolean';
const isNumber = (schema: Schema): boolean => /^(number|integer)$/i.test(String(schema.type));

/** One of these words stands in the name. */
const has =
  (...wanted: readonly string[]): Meaning['fits'] =>
  (words) =>
    wanted.some((word) => words.includes(word));

/** The name is one of these words, with nothing but these beside it: a `countryCode` is no barcode. */
const only =
  (wanted: readonly string[], beside: readonly string[]): Meaning['fits'] =>
  (words) =>
    wanted.some((word) => words.includes(word)) &&
    words.every((word) => wanted.includes(word) || beside.includes(word));

/** Told last, when it is known what was read for the other fields. */
export function meansConfidence(words: readonly string[]): boolean {
  return words.includes('confidence') || words.includes('certainty');
}

const IDENTIFIERS = ['id', 'ids', 'number', 'no', 'code', 'codes', 'value', 'values'];

/** What names mean, first match wins: narrower meanings stand before wider ones. */
const MEANINGS: readonly Meaning[] = [
  { fits: meansConfidence, read: (view) => confidence(view) },
  { fits: only(['width'], ['image', 'picture', 'pixel', 'pixels', 'px']), read: ({ facts }) => facts.width },
  {
    fits: only(['height'], ['image', 'picture', 'pixel', 'pixels', 'px']),
    read: ({ facts }) => facts.height,
  },
  { fits: has('orientation', 'aspect'), read: ({ facts }) => shape(facts) },
  { fits: (words) => has('count')(words) || /number of/.test(words.join(' ')), read: count },
  { fits: has('color', 'colors', 'colour', 'colours', 'palette', 'hex'), read: colorValue },
  { fits: only(['share', 'percentage'], ['color']), read: ({ color }) => color?.share },
  { fits: has('shelf', 'location', 'aisle', 'rack', 'bin', 'bay'), read: ({ label }) => label.shelf },
  { fits: has('quantity', 'qty', 'stock', 'pieces', 'units'), read: quantity },
  { fits: has('format', 'symbology'), read: ({ item, facts }) => item?.format ?? facts.codes[0]?.format },
  { fits: has('sku', 'skus'), read: sku },
  { fits: only(['article', 'part', 'product', 'item'], IDENTIFIERS), read: sku },
  { fits: has('barcode', 'barcodes', 'ean', 'upc', 'gtin', 'qr', 'isbn'), read: code },
  {
    fits: only(['code', 'codes'], ['bar', 'text', 'value', 'values', 'raw', 'scanned', 'visible']),
    read: code,
  },
  { fits: has('caption', 'description', 'summary', 'alt', 'reason', 'explanation'), read: described },
  { fits: has('title', 'headline'), read: ({ facts }) => title(facts) },
  { fits: has('tags', 'labels', 'keywords', 'topics'), read: ({ facts }) => tags(facts) },
  { fits: has('text', 'texts', 'ocr', 'transcript', 'transcription', 'lines', 'words'), read: text },
  { fits: has('readable', 'legible'), read: ({ facts }) => facts.text !== '' || facts.codes.length > 0 },
];

/** What the picture says about a field of this name; undefined when it says nothing. */
export function meaningOf(name: string, view: View, schema: Schema): Known {
  const words = wordsOf(name);
  const meaning = MEANINGS.find((candidate) => candidate.fits(words));
  return meaning?.read(view, schema, words) ?? printedValue(words, view, schema);
}

function described({ facts, item }: View): Known {
  return item ? item.text || undefined : caption(facts);
}

function sku({ item, label }: View, schema: Schema): Known {
  if (isBoolean(schema)) return label.items.length > 0;
  if (item) return item.sku;
  const skus = label.items.flatMap((one) => one.sku ?? []);
  return isList(schema) ? skus : skus[0];
}

function code({ item, facts }: View, schema: Schema): Known {
  if (isBoolean(schema)) return facts.codes.length > 0;
  if (item) return item.code ?? (item.sku === undefined ? undefined : item.sku);
  const codes = facts.codes.map((one) => one.text);
  return isList(schema) ? codes : codes[0];
}

function quantity({ item, label }: View): Known {
  return item ? item.quantity : label.items.find((one) => one.quantity !== undefined)?.quantity;
}

function count({ item, label, facts }: View, schema: Schema, words: readonly string[]): Known {
  if (!isNumber(schema)) return undefined;
  if (has('color', 'colors')(words)) return facts.colors.length;
  if (has('code', 'codes', 'barcode', 'barcodes')(words)) return facts.codes.length;
  return item ? item.quantity : label.items.length;
}

function text({ facts, item }: View, schema: Schema): Known {
  if (isBoolean(schema)) return facts.text !== '';
  const found = item ? item.text : facts.text;
  return isList(schema) ? found.split('\n').filter(Boolean) : found;
}

function colorValue({ color, facts }: View, schema: Schema): Known {
  const wantsHex = /hex|#|rgb/i.test(
    `${schema.description ?? ''} ${schema.items?.description ?? ''} ${schema.format ?? ''}`,
  );
  if (color) return wantsHex ? color.hex : color.name;
  const names = wantsHex ? facts.colors.map((one) => one.hex) : colorNames(facts, 0.05);
  return isList(schema) ? names : names[0];
}

/** A label's own `LOT 4711` or `Expiry: 2027-01` fills the fields `lotNumber` and `expiry`, whatever they mean. */
function printedValue(all: readonly string[], { label, item }: View, schema: Schema): Known {
  const telling = all.filter((word) => !IDENTIFIERS.includes(word));
  const words = telling.length > 0 ? telling : all;
  if (words.length === 0 || isBoolean(schema) || isList(schema)) return undefined;
  const value = isNumber(schema) ? '(-?\\d+(?:[.,]\\d+)?)' : '(\\S.*)';
  const pattern = new RegExp(`^\\W*${words.join('[\\s_-]*')}\\s*[:#=.-]?\\s+${value}`, 'i');
  const lines = item ? item.text.split('\n') : label.lines;
  const found = lines.map((line) => pattern.exec(line)?.[1]).find((match) => match !== undefined);
  if (found === undefined) return undefined;
  return isNumber(schema) ? Number(found.replace(',', '.')) : found.trim();
}

const isList = (schema: Schema): boolean => /^array$/i.test(String(schema.type));
