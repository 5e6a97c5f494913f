import type { JsonSchemaNode } from './json-schema.ts';
import type { ChoiceValue, NumberShape, Shape, TextShape } from './shape.ts';

/** Types by the keywords that only they have, for a schema that names none. */
const TYPE_OF_KEYWORD: Readonly<Record<string, string>> = {
  properties: 'object',
  required: 'object',
  propertyNames: 'object',
  items: 'array',
  prefixItems: 'array',
  maxItems: 'array',
  minLength: 'string',
  maxLength: 'string',
  pattern: 'string',
  format: 'string',
  minimum: 'number',
  maximum: 'number',
  exclusiveMinimum: 'number',
  exclusiveMaximum: 'number',
  multipleOf: 'number',
};

/** The types that a node names or, without a name, means. */
export function kindsOf(node: JsonSchemaNode): string[] {
  const { type } = node;
  if (type !== undefined) return [...new Set([type].flat().map(String))];
  const meant = Object.keys(node).find((key) => Object.hasOwn(TYPE_OF_KEYWORD, key));
  return meant === undefined ? [] : [TYPE_OF_KEYWORD[meant] ?? ''];
}

/** A node with enum or const; a text says what is wrong with it. */
export function choiceOf(node: JsonSchemaNode): Shape | string {
  const all = Array.isArray(node['enum']) ? (node['enum'] as unknown[]) : [node['const']];
  const values = all.filter((value) => value !== null);
  if (values.length === 0)
    return all.length === 0 ? 'an enum needs values' : 'a field that is always null says nothing';
  if (!values.every(isChoiceValue)) return 'an enum holds texts, numbers and booleans only';
  const types = node['type'] === undefined ? [] : kindsOf(node);
  const odd = values.find((value) => types.length > 0 && !types.some((type) => isOfType(value, type)));
  if (odd !== undefined) return `the enum holds ${JSON.stringify(odd)}, which is no ${types.join(' or ')}`;
  if (values.some((value) => value === '')) return 'an enum cannot hold the empty text';
  // The API takes texts only, so they must be told apart as texts.
  if (new Set(values.map(String)).size < values.length) return 'the enum holds a value twice';
  return { kind: 'choice', values, ...(values.length < all.length ? { nullable: true } : {}) };
}

const isChoiceValue = (value: unknown): value is ChoiceValue =>
  typeof value === 'string' ||
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value));

const isOfType = (value: ChoiceValue, type: string): boolean =>
  type === 'integer' ? Number.isInteger(value) : typeof value === type;

export function textOf(node: JsonSchemaNode): Shape | string {
  const { minLength, maxLength, pattern, format } = node;
  const patterns = pattern === undefined ? [] : [pattern].flat().map(String);
  const broken = patterns.find((text) => !isPattern(text));
  if (broken !== undefined) return `the pattern ${broken} is no regular expression`;
  if (typeof minLength === 'number' && typeof maxLength === 'number' && minLength > maxLength)
    return 'no text fits minLength and maxLength';
  const shape: TextShape = {
    kind: 'text',
    ...(typeof minLength === 'number' ? { minLength } : {}),
    ...(typeof maxLength === 'number' ? { maxLength } : {}),
    ...(patterns.length > 0 ? { patterns } : {}),
    ...(typeof format === 'string' ? { format } : {}),
  };
  return shape;
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}

const BOUNDS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'] as const;

export function numberOf(node: JsonSchemaNode, kind: NumberShape['kind']): Shape | string {
  const shape: NumberShape = { kind };
  for (const bound of BOUNDS) {
    const value = node[bound];
    // zod bounds every integer by what a double holds exactly.
    if (typeof value === 'number' && Math.abs(value) !== Number.MAX_SAFE_INTEGER) shape[bound] = value;
    else if (value !== undefined && typeof value !== 'number') return `${bound} must be a number`;
  }
  if (shape.multipleOf !== undefined && shape.multipleOf <= 0) return 'multipleOf must be above 0';
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = shape;
  return minimum > maximum ? 'no number fits minimum and maximum' : shape;
}
