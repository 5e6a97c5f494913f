import type { Schema } from './request.ts';
import { caption, colorNames, shape, tags, title } from './statements.ts';
import { confidence, type View } from './view.ts';

/** What a field can be given; lists are given to arrays, a single value to the rest. */
export type Known = string | number | boolean | string[] | undefined;

interface Meaning {
  /** A field has this meaning when its name holds one of these words. */
  words: readonly string[];
  read: (view: View, schema: Schema) => Known;
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

/** The picture's meaning-bearing field names, first match wins: narrower meanings stand before wider ones. */
const MEANINGS: readonly Meaning[] = [
  { words: ['confidence', 'certainty', 'probability', 'score'], read: (view) => confidence(view) },
  { words: ['width'], read: ({ facts }) => facts.width },
  { words: ['height'], read: ({ facts }) => facts.height },
  { words: ['orientation', 'aspect'], read: ({ facts }) => shape(facts) },
  {
    words: ['color', 'colors', 'colour', 'colours', 'palette', 'hex'],
    read: (view, schema) => colorValue(view, schema),
  },
  { words: ['share', 'percentage', 'ratio'], read: ({ color }) => color?.share },
  { words: ['shelf', 'location', 'aisle', 'rack', 'bin', 'bay'], read: ({ label }) => label.shelf },
  { words: ['quantity', 'qty', 'stock', 'pieces', 'units'], read: (view) => quantity(view) },
  { words: ['count', 'total', 'number', 'amount'], read: (view, schema) => count(view, schema) },
  { words: ['format', 'symbology'], read: ({ item, facts }) => item?.format ?? facts.codes[0]?.format },
  { words: ['sku', 'skus', 'article', 'part', 'product', 'item'], read: (view, schema) => sku(view, schema) },
  {
    words: ['barcode', 'barcodes', 'code', 'codes', 'ean', 'upc', 'gtin', 'qr', 'isbn'],
    read: (view, schema) => code(view, schema),
  },
  { words: ['caption', 'description', 'summary', 'alt', 'statement'], read: ({ facts }) => caption(facts) },
  { words: ['title', 'headline', 'subject'], read: ({ facts }) => title(facts) },
  { words: ['tags', 'labels', 'keywords', 'topics'], read: ({ facts }) => tags(facts) },
  {
    words: ['text', 'texts', 'ocr', 'transcript', 'transcription', 'lines', 'words'],
    read: (view, schema) => text(view, schema),
  },
  { words: ['readable', 'legible'], read: ({ facts }) => facts.text !== '' || facts.codes.length > 0 },
];

/** What the picture says about a field of this name; undefined when it says nothing. */
export function meaningOf(name: string, view: View, schema: Schema): Known {
  const words = wordsOf(name);
  const meaning = MEANINGS.find((candidate) => candidate.words.some((word) => words.includes(word)));
  return meaning?.read(view, schema) ?? printedValue(words, view, schema);
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

const quantity = ({ item, label }: View): Known =>
  item ? item.quantity : label.items.find((one) => one.quantity !== undefined)?.quantity;

function count(view: View, schema: Schema): Known {
  if (!isNumber(schema)) return undefined;
  return view.item ? view.item.quantity : view.label.items.length;
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

/** A label's own `LOT 4711` or `Expiry: 2027-01` fills the fields `lot` and `expiry`, whatever they mean. */
function printedValue(words: readonly string[], { label, item }: View, schema: Schema): Known {
  if (words.length === 0 || isBoolean(schema) || isList(schema)) return undefined;
  const value = isNumber(schema) ? '(-?\\d+(?:[.,]\\d+)?)' : '(\\S.*)';
  const pattern = new RegExp(`^\\W*${words.join('[\\s_-]*')}\\s*[:#=.-]?\\s+${value}`, 'i');
  const lines = item ? item.text.split('\n') : label.lines;
  const found = lines.map((line) => pattern.exec(line)?.[1]).find((match) => match !== undefined);
  if (found === undefined) return undefined;
  return isNumber(schema) ? Number(found.replace(',', '.')) : found.trim();
}

const isList = (schema: Schema): boolean => /^array$/i.test(String(schema.type));
