import { meaningOf, meansConfidence, wordsOf } from './meaning.ts';
import type { Schema } from './request.ts';
import { type Filled, fillBoolean, fillNumber, fillString, isNullable, typeOf } from './scalars.ts';
import { caption } from './statements.ts';
import type { View } from './view.ts';

/** The schema that $refs point into, and how many values may still be filled. */
interface Root {
  schema: Schema;
  valuesLeft: number;
}

/** A schema that refers to itself in several fields would otherwise grow without end. */
const MAX_VALUES = 20_000;
/** Deeper than any schema the API accepts; recursive $refs end here. */
const MAX_DEPTH = 10;
const MODEST_VALUES =
  /^(unknown|none|other|unspecified|unclear|n\/?a|neutral|safe|not[ _-]?(applicable|visible))$/i;

/** A value for any schema, from what was read. Text in the picture fills text fields and steers nothing. */
export function answer(schema: Schema | undefined, view: View): unknown {
  if (!schema) return caption(view.facts);
  return fill(schema, '', view, { schema, valuesLeft: MAX_VALUES }, 0).value;
}

function fill(given: Schema, name: string, view: View, root: Root, depth: number): Filled {
  const schema = resolve(given, root);
  root.valuesLeft -= 1;
  if (depth > MAX_DEPTH || root.valuesLeft < 0) return { value: null, known: false };
  if (schema.const !== undefined) return { value: schema.const, known: true };
  if (schema.enum) return fillEnum(schema, name, view);
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches) return fillBranch(branches, name, view, root, depth);
  return fillType(schema, name, view, root, depth);
}

function fillType(schema: Schema, name: string, view: View, root: Root, depth: number): Filled {
  const filled = fillByType(schema, name, view, root, depth);
  return !filled.known && isNullable(schema) ? { value: null, known: false } : filled;
}

function fillByType(schema: Schema, name: string, view: View, root: Root, depth: number): Filled {
  switch (typeOf(schema)) {
    case 'object':
      return fillObject(schema, name, view, root, depth);
    case 'array':
      return fillArray(schema, name, view, root, depth);
    case 'string':
      return fillString(schema, meaningOf(name, view, schema));
    case 'integer':
    case 'number':
      return fillNumber(schema, meaningOf(name, view, schema));
    case 'boolean':
      return fillBoolean(meaningOf(name, view, schema));
    default:
      return { value: null, known: false };
  }
}

function resolve(schema: Schema, root: Root): Schema {
  const name = schema.$ref?.match(/^#\/\$defs\/(.+)$/)?.[1];
  const target = name === undefined ? undefined : root.schema.$defs?.[name];
  return target ?? (schema.$ref === '#' ? root.schema : schema);
}

function fillObject(schema: Schema, name: string, view: View, root: Root, depth: number): Filled {
  const properties = Object.entries(schema.properties ?? {});
  const required = new Set(schema.required);
  const fillAll = (fields: typeof properties, from: View) =>
    fields.map(([key, field]) => [key, fill(field, nameIn(name, key), from, root, depth + 1)] as const);
  const others = fillAll(
    properties.filter(([key]) => !meansConfidence(wordsOf(key))),
    view,
  );
  const known = others.filter(([, field]) => field.known).length;
  const coverage = others.length === 0 ? 1 : known / others.length;
  const sure = fillAll(
    properties.filter(([key]) => meansConfidence(wordsOf(key))),
    { ...view, coverage },
  );
  const filled = new Map([...others, ...sure].filter(([key, field]) => field.known || required.has(key)));
  const kept = properties.flatMap(([key]) => (filled.has(key) ? [[key, filled.get(key)?.value]] : []));
  return { value: Object.fromEntries(kept), known: known > 0 || (others.length === 0 && sure.length > 0) };
}

/** A field called `value` or `name` means what the object around it means: `barcode: { value }`. */
const nameIn = (parent: string, key: string): string =>
  /^(value|id|name)$/i.test(key) && parent !== '' ? `${parent} ${key}` : key;

function fillArray(schema: Schema, name: string, view: View, root: Root, depth: number): Filled {
  const items = schema.items ? resolve(schema.items, root) : undefined;
  const values =
    items && typeOf(items) === 'object'
      ? fillItems(items, name, view, root, depth)
      : plainItems(schema, items, name, view);
  const bounded = values.slice(0, schema.maxItems ?? values.length);
  while (items && bounded.length < (schema.minItems ?? 0))
    bounded.push(fill(items, name, view, root, depth + 1).value);
  return { value: bounded, known: values.length > 0 };
}

/** One object per article, or per color where the list is one of colors. Objects nothing is known about stay out. */
function fillItems(items: Schema, name: string, view: View, root: Root, depth: number): unknown[] {
  const views = /colou?r|palette/i.test(name)
    ? view.facts.colors.map((color) => ({ ...view, color }))
    : view.label.items.map((item) => ({ ...view, item }));
  const singular = wordsOf(name).join(' ').replace(/s$/, '');
  return views
    .map((one) => ({ filled: fill(items, singular, one, root, depth + 1), own: speaksOf(items, one) }))
    .filter(({ filled, own }) => filled.known && own)
    .map(({ filled }) => filled.value);
}

/** A list of, say, moderation findings is not about articles: it gets none of them. */
const speaksOf = (items: Schema, view: View): boolean =>
  Object.keys(items.properties ?? {}).some((key) =>
    wordsOf(key).some((word) =>
      view.color
        ? /^(name|hex|colou?r|share|value|percentage)$/.test(word)
        : /^(sku|codes?|barcode|ean|upc|gtin|qr|quantity|qty|count|article|product|item|text|value)$/.test(
            word,
          ),
    ),
  );

function plainItems(schema: Schema, items: Schema | undefined, name: string, view: View): unknown[] {
  const known = meaningOf(name, view, { ...schema, type: 'array' });
  const list = known === undefined ? [] : [known].flat();
  const allowed = items?.enum;
  if (allowed) return allowed.filter((value) => list.some((one) => same(one, value)));
  const filled = list.map((one) =>
    items && /^(number|integer)$/.test(typeOf(items)) ? fillNumber(items, one) : fillString(items ?? {}, one),
  );
  return filled.filter((one) => one.known).map((one) => one.value);
}

const same = (a: unknown, b: unknown): boolean => String(a).toLowerCase() === String(b).toLowerCase();

/** Scales are judgments: a printed `HIGH` is no finding. */
const JUDGMENT = /^(none|low|medium|high|critical|severe|minor|major|safe|unsafe)$/i;

/** A value that is printed on the picture or meant by the field; else the modest one; else the first, as an enum must. */
function fillEnum(schema: Schema, name: string, view: View): Filled {
  const values = (schema.enum ?? []).filter((value) => value !== null);
  const meant = meaningOf(name, view, schema);
  const isJudgment = values.some((value) => JUDGMENT.test(String(value)));
  const printed = isJudgment ? [] : view.item?.text ? view.item.text.split('\n') : view.label.lines;
  const found =
    values.find((value) => same(value, meant)) ??
    values.find((value) =>
      printed.some((line) => wordsOf(line.toLowerCase()).includes(String(value).toLowerCase())),
    );
  if (found !== undefined) return { value: found, known: true };
  if (isNullable(schema)) return { value: null, known: false };
  return { value: values.find((value) => MODEST_VALUES.test(String(value))) ?? values[0], known: false };
}

function fillBranch(
  branches: readonly Schema[],
  name: string,
  view: View,
  root: Root,
  depth: number,
): Filled {
  const filled = branches.map((branch) => fill(branch, name, view, root, depth + 1));
  return (
    filled.find((branch) => branch.known) ??
    filled.find((branch) => branch.value === null) ??
    filled[0] ?? { value: null, known: false }
  );
}
