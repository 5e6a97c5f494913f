import { isoDate, isoDateTime, isoTime } from './dates.ts';
import { isNode } from './json-schema.ts';
import { type ChoiceValue, fieldPath, type ObjectShape, type Shape, type TextShape } from './shape.ts';
import { fieldValidator } from './validator.ts';

/** A value read as its shape means it, and the paths where only the spelling was another. */
interface Respelled {
  value: unknown;
  paths: string[];
}

/**
 * Writes a value as its shape spells it, where no doubt is left what is meant: a number as text, `"true"`, a date,
 * a choice in capitals, a missing null. Whatever is in doubt stays as it is, and the validator refuses it.
 */
export function respell(value: unknown, shape: Shape): Respelled {
  const paths: string[] = [];
  const respelled = visit(value, shape, '', (path) => paths.push(path));
  return { value: respelled, paths: [...new Set(paths)] };
}

/** Told of each value that was spelled otherwise. */
type Note = (path: string) => void;

function visit(value: unknown, shape: Shape, path: string, note: Note): unknown {
  if (value === null || value === undefined) return value;
  if (shape.nullable === true && isNullText(value, shape)) {
    note(path);
    return null;
  }
  switch (shape.kind) {
    case 'object':
      return isNode(value) ? objectIn(value, shape, path, note) : value;
    case 'list':
      return Array.isArray(value)
        ? value.map((item: unknown) => visit(item, shape.items, `${path}[]`, note))
        : value;
    case 'union':
      return unionIn(value, shape.options, path, note);
    case 'choice':
      return choiceIn(value, shape.values, path, note);
    default:
      return noted(value, scalarIn(value, shape), path, note);
  }
}

function noted(value: unknown, found: unknown, path: string, note: Note): unknown {
  if (found === undefined || found === value) return value;
  note(path);
  return found;
}

/** Read as the only one of the forms that it fits in another spelling; what fits one as it is, is meant so. */
function unionIn(value: unknown, options: readonly Shape[], path: string, note: Note): unknown {
  if (options.some((option) => fieldValidator(option).safeParse(value).success)) return value;
  const readings = options.flatMap((option) => {
    const paths: string[] = [];
    const read = visit(value, option, path, (one) => paths.push(one));
    return fieldValidator(option).safeParse(read).success ? [{ read, paths }] : [];
  });
  const [only] = readings;
  if (!only || readings.length > 1) return value;
  for (const one of only.paths) note(one);
  return only.read;
}

/** A field that may be null and is missing is null; one that may be missing and is null is missing. */
function objectIn(
  value: Readonly<Record<string, unknown>>,
  { fields }: ObjectShape,
  path: string,
  note: Note,
): Record<string, unknown> {
  const result: Record<string, unknown> = { ...value };
  for (const { name, shape, required } of fields) {
    const below = fieldPath(path, name);
    const given = Object.hasOwn(value, name) ? value[name] : undefined;
    if (given === undefined && required && shape.nullable === true && shape.fallback === undefined) {
      result[name] = null;
      note(below);
    } else if (given === null && shape.nullable !== true && (!required || shape.fallback !== undefined)) {
      delete result[name];
      note(below);
    } else if (given !== undefined) result[name] = visit(given, shape, below, note);
  }
  return result;
}

const NULL_TEXT = /^\s*(?:null|none|nil|n\/?a)?\s*$/i;

/** In a text field only `null` itself: "None" may be what is printed. */
const isNullText = (value: unknown, { kind }: Shape): boolean =>
  typeof value === 'string' &&
  (kind === 'text' ? value === 'null' : kind !== 'choice' && kind !== 'union' && NULL_TEXT.test(value));

/** The API is asked for texts where numbers and booleans are meant; that is no other spelling. */
function choiceIn(value: unknown, values: readonly ChoiceValue[], path: string, note: Note): unknown {
  const same = values.find((one) => one === value) ?? values.find((one) => String(one) === String(value));
  if (same !== undefined) {
    if (typeof value !== 'string' && typeof value !== typeof same) note(path);
    return same;
  }
  const like = values.filter((one) => plain(String(one)) === plain(String(value)));
  const [only] = like;
  return noted(value, like.length === 1 ? only : undefined, path, note);
}

/** Letters and digits only, in lower case: `In stock` is `in_stock`. */
const plain = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** The value as the shape spells it; undefined when that is in doubt. */
function scalarIn(value: unknown, shape: Shape): unknown {
  switch (shape.kind) {
    case 'number':
    case 'integer':
      return typeof value === 'string' ? numberIn(value) : undefined;
    case 'boolean':
      return typeof value === 'string' ? BOOLEANS[value.trim().toLowerCase()] : undefined;
    case 'text':
      return typeof value === 'string' ? textIn(value, shape) : writtenOut(value);
    default:
      return undefined;
  }
}

const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, false: false, yes: true, no: false };

const PLAIN = /^[+-]?\d+(?:\.\d+)?$/;
/** One separator that cannot be another: `1,234,567`, `1,234.50`. A lone `1,234` may be 1.234 as well. */
const ENGLISH = /^[+-]?\d{1,3}(?:,\d{3})+\.\d+$|^[+-]?\d{1,3}(?:,\d{3}){2,}$/;
const CONTINENTAL =
  /^[+-]?\d{1,3}(?:\.\d{3})+,\d+$|^[+-]?\d{1,3}(?:\.\d{3}){2,}$|^[+-]?\d+,(?:\d{1,2}|\d{4,})$/;

function numberIn(text: string): number | undefined {
  const bare = text.trim().replace(/^−/, '-');
  if (PLAIN.test(bare)) return finite(bare);
  if (ENGLISH.test(bare)) return finite(bare.replaceAll(',', ''));
  return CONTINENTAL.test(bare) ? finite(bare.replaceAll('.', '').replace(',', '.')) : undefined;
}

function finite(text: string): number | undefined {
  const number = Number(text);
  return Number.isFinite(number) && Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : undefined;
}

const DATES: Readonly<Record<string, (text: string) => string | undefined>> = {
  date: isoDate,
  'date-time': isoDateTime,
  time: isoTime,
};

function textIn(text: string, { format = '' }: TextShape): string | undefined {
  if (format === 'currency') return text.trim().toUpperCase();
  if (format === 'gtin') return text.replace(/[\s-]/g, '');
  return Object.hasOwn(DATES, format) ? DATES[format]?.(text) : undefined;
}

/** A number that was printed as one; of more digits than a double holds, some are lost already. */
const writtenOut = (value: unknown): string | undefined =>
  typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value) && isExact(value))
    ? String(value)
    : undefined;

const isExact = (number: number): boolean => Math.abs(number) <= Number.MAX_SAFE_INTEGER;
