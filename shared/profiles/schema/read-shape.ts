import { nameObjection } from './field-names.ts';
import { hasRules, isNode, type JsonSchemaNode, merged, referredTo } from './json-schema.ts';
import { FORMATS, KEYWORDS } from './keywords.ts';
import { choiceOf, kindsOf, numberOf, textOf } from './read-scalars.ts';
import { ENDLESS, NOT_A_SCHEMA, TYPES_TO_WRITE } from './refusals.ts';
import {
  type FieldShape,
  fieldPath,
  isListInside,
  oneShape,
  type SchemaProblem,
  type Shape,
} from './shape.ts';

/** Who holds an answer to the rules that have no place in a shape. */
type SchemaSource = 'zod' | 'json-schema';

/** Deeper than any form that an answer can have; also what keeps one from exhausting the stack. */
const MAX_LEVELS = 40;
const NOTHING: Shape = { kind: 'text' };

/**
 * Reads a JSON Schema (2020-12) as a shape. Every construct is carried or becomes a problem with its path; with
 * problems, the shape is as near as possible and not to be used.
 */
export function readShape(root: unknown, source: SchemaSource): { shape: Shape; problems: SchemaProblem[] } {
  const reader = new ShapeReader(root, source);
  const shape = reader.read(root, '', [], 0);
  if (shape.kind !== 'object' || shape.nullable === true)
    reader.problems.push({
      path: '',
      reason: 'it must be one object',
      instead: 'write the fields into an object, a list as one of its fields',
    });
  return { shape, problems: reader.problems };
}

class ShapeReader {
  readonly problems: SchemaProblem[] = [];
  readonly #root: unknown;
  readonly #source: SchemaSource;

  constructor(root: unknown, source: SchemaSource) {
    this.#root = root;
    this.#source = source;
  }

  /** `references` are those that led here: one that comes again has no end. */
  read(node: unknown, path: string, references: readonly string[], level: number): Shape {
    if (!isNode(node)) return this.#refuse(path, ...NOT_A_SCHEMA[node === false ? 'never' : 'any']);
    if (level > MAX_LEVELS) return this.#refuse(path, ...ENDLESS);
    if (typeof node['$ref'] === 'string') return this.#follow(node, node['$ref'], path, references, level);
    if (Array.isArray(node['allOf'])) return this.#together(node, node['allOf'], path, references, level);
    this.#checkKeywords(node, path);
    const shape = this.#shapeOf(node, path, references, level);
    const { description, default: fallback } = node;
    return {
      ...shape,
      ...(typeof description === 'string' && description !== '' ? { description } : {}),
      ...(fallback === undefined ? {} : { fallback }),
    };
  }

  #refuse(path: string, reason: string, instead: string): Shape {
    this.problems.push({ path, reason, instead });
    return NOTHING;
  }

  #follow(
    node: JsonSchemaNode,
    reference: string,
    path: string,
    references: readonly string[],
    level: number,
  ) {
    if (references.includes(reference)) return this.#refuse(path, ...ENDLESS);
    const target = referredTo(this.#root, reference);
    if (!isNode(target))
      return this.#refuse(path, `$ref "${reference}" leads nowhere in this schema`, 'put it under $defs');
    const { $ref: _, ...beside } = node;
    const whole = hasRules(beside) ? { allOf: [target, beside] } : { ...target, ...beside };
    return this.read(whole, path, [...references, reference], level + 1);
  }

  #together(
    node: JsonSchemaNode,
    parts: unknown[],
    path: string,
    references: readonly string[],
    level: number,
  ): Shape {
    const { allOf: _, ...beside } = node;
    const nodes: JsonSchemaNode[] = [];
    for (const part of parts) {
      const reference = isNode(part) ? part['$ref'] : undefined;
      const target = typeof reference === 'string' ? referredTo(this.#root, reference) : part;
      if (!isNode(target) || Array.isArray(target['anyOf']) || Array.isArray(target['oneOf']))
        return this.#refuse(
          path,
          'a choice or a boolean inside allOf is not carried',
          'write anyOf with whole objects',
        );
      if (target['additionalProperties'] === false && this.#source === 'json-schema')
        return this.#refuse(
          path,
          'additionalProperties: false inside allOf forbids the fields of its other parts',
          'write unevaluatedProperties: false beside allOf',
        );
      if (typeof reference === 'string' && references.includes(reference))
        return this.#refuse(path, ...ENDLESS);
      const { additionalProperties: _of, ...rest } = target;
      nodes.push(rest);
    }
    const whole = merged([...nodes, beside]);
    if (typeof whole === 'string')
      return this.#refuse(path, `allOf says ${whole} in two ways`, 'write one object with all fields');
    return this.read(whole, path, references, level + 1);
  }

  #checkKeywords(node: JsonSchemaNode, path: string): void {
    for (const [keyword, value] of Object.entries(node)) {
      const rule = Object.hasOwn(KEYWORDS, keyword) ? KEYWORDS[keyword] : undefined;
      if (keyword.startsWith('x-') || (rule === undefined && this.#source === 'zod')) continue;
      if (rule === undefined) this.#refuse(path, `"${keyword}" is no keyword of JSON Schema`, 'leave it out');
      else if (typeof rule === 'object') this.#refuse(path, `${keyword}: ${rule.refused}`, rule.instead);
      else if (keyword === 'unevaluatedProperties' && value !== false)
        this.#refuse(path, `${keyword}: fields without names cannot be asked for`, 'name them in properties');
      else if (
        keyword === 'format' &&
        this.#source === 'json-schema' &&
        !FORMATS.some((known) => known === value)
      )
        this.#refuse(
          path,
          `the format ${String(value)} is held by nobody`,
          `use one of ${FORMATS.join(', ')}, or a pattern`,
        );
    }
  }

  #shapeOf(node: JsonSchemaNode, path: string, references: readonly string[], level: number): Shape {
    const options = node['anyOf'] ?? node['oneOf'];
    if (Array.isArray(options)) return this.#union(node, options, path, references, level);
    if (Array.isArray(node['enum']) || Object.hasOwn(node, 'const')) {
      const choice = choiceOf(node);
      return typeof choice === 'string'
        ? this.#refuse(path, choice, 'list texts, numbers or booleans, each once')
        : choice;
    }
    const kinds = kindsOf(node);
    const real = kinds.filter((kind) => kind !== 'null');
    if (real.length > 1) {
      const types = real.map((type) => ({ ...node, type, description: undefined, default: undefined }));
      const shape = this.#union({}, types, path, references, level);
      return kinds.length > real.length ? { ...shape, nullable: true } : shape;
    }
    const [kind] = real;
    const shape = this.#ofKind(kind, kinds, node, path, references, level);
    return kinds.length > real.length && kind !== undefined ? { ...shape, nullable: true } : shape;
  }

  #ofKind(
    kind: string | undefined,
    kinds: readonly string[],
    node: JsonSchemaNode,
    path: string,
    references: readonly string[],
    level: number,
  ): Shape {
    switch (kind) {
      case 'string':
      case 'number':
      case 'integer': {
        const scalar = kind === 'string' ? textOf(node) : numberOf(node, kind);
        return typeof scalar === 'string' ? this.#refuse(path, scalar, 'correct it') : scalar;
      }
      case 'boolean':
        return { kind: 'boolean' };
      case 'array':
        return this.#list(node, path, references, level);
      case 'object':
        return this.#object(node, path, references, level);
      default:
        if (kind !== undefined)
          return this.#refuse(path, `"${kind}" is no type of JSON Schema`, TYPES_TO_WRITE);
        return this.#refuse(path, ...NOT_A_SCHEMA[kinds.length > 0 ? 'null' : 'any']);
    }
  }

  #union(
    node: JsonSchemaNode,
    options: unknown[],
    path: string,
    references: readonly string[],
    level: number,
  ): Shape {
    const { anyOf: _any, oneOf, description: _text, default: _fallback, $defs: _defs, ...beside } = node;
    const real = options.filter((option) => !(isNode(option) && option['type'] === 'null'));
    if (real.length === 0) return this.#refuse(path, ...NOT_A_SCHEMA.null);
    const shapes = real.map((option) => {
      const whole = hasRules(beside) && isNode(option) ? { allOf: [beside, option] } : option;
      return this.read(whole, path, references, level + 1);
    });
    const nullable = real.length < options.length || shapes.some((shape) => shape.nullable === true);
    const shape = oneShape(shapes, oneOf !== undefined);
    return nullable ? { ...shape, nullable } : shape;
  }

  #list(node: JsonSchemaNode, path: string, references: readonly string[], level: number): Shape {
    const { prefixItems, minItems, uniqueItems } = node;
    let { items, maxItems } = node;
    if (Array.isArray(prefixItems)) {
      const forms = prefixItems.map((item) => JSON.stringify(item));
      const closed = items === false || (typeof maxItems === 'number' && maxItems <= prefixItems.length);
      if (!closed || new Set(forms).size !== 1)
        return this.#refuse(
          path,
          'a list whose items differ by their place cannot be asked for',
          'write an object with a field for each place',
        );
      [items, maxItems] = [prefixItems[0], maxItems ?? prefixItems.length];
    }
    if (items === undefined || items === true) return this.#refuse(`${path}[]`, ...NOT_A_SCHEMA.any);
    const shape = this.read(items, `${path}[]`, references, level + 1);
    if (isListInside(shape))
      this.#refuse(
        path,
        'a list in a list cannot be stored in Firestore',
        'put an object between them, e.g. rows: [{ cells: [...] }]',
      );
    if (!isCount(maxItems))
      this.#refuse(
        path,
        'a list without an end can go on until the output limit',
        'give it .max(n) (in JSON Schema: maxItems)',
      );
    else if (maxItems === 0 || (isCount(minItems) && minItems > maxItems))
      this.#refuse(path, 'no list fits minItems and maxItems', 'correct them');
    return {
      kind: 'list',
      items: shape,
      ...(isCount(minItems) ? { minItems } : {}),
      ...(isCount(maxItems) ? { maxItems } : {}),
      ...(uniqueItems === true ? { uniqueItems } : {}),
    };
  }

  #object(node: JsonSchemaNode, path: string, references: readonly string[], level: number): Shape {
    const properties = this.#propertiesOf(node, path);
    const required = Array.isArray(node['required']) ? (node['required'] as unknown[]) : [];
    const missing = required.find((name) => typeof name !== 'string' || !Object.hasOwn(properties, name));
    if (missing !== undefined)
      this.#refuse(path, `required names ${String(missing)}, which is no field`, 'name it in properties');
    const fields = Object.entries(properties).map(([name, field]): FieldShape => {
      const below = fieldPath(path, name);
      const objection = nameObjection(name);
      if (objection) this.#refuse(below, ...objection);
      return {
        name,
        shape: this.read(field, below, references, level + 1),
        required: required.includes(name),
      };
    });
    if (fields.length === 0)
      this.#refuse(path, 'an object without fields cannot be asked for', 'name its fields');
    const strict = node['additionalProperties'] === false || node['unevaluatedProperties'] === false;
    return { kind: 'object', fields, ...(strict ? { strict } : {}) };
  }

  /** Also of an object whose keys are a list of names, as z.record(z.enum([...]), ...) is. */
  #propertiesOf(node: JsonSchemaNode, path: string): Record<string, unknown> {
    const { properties, additionalProperties, propertyNames } = node;
    const own = isNode(properties) ? { ...properties } : {};
    const names = isNode(propertyNames) ? propertyNames['enum'] : undefined;
    if (Array.isArray(names) && isNode(additionalProperties))
      return { ...Object.fromEntries(names.map((name) => [String(name), additionalProperties])), ...own };
    if (isNode(additionalProperties) || propertyNames !== undefined)
      this.#refuse(
        path,
        'fields without names cannot be asked for',
        'name them in properties, or write a list of objects with a key and a value',
      );
    return own;
  }
}

const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;
