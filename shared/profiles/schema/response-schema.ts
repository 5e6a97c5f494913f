import type { NumberShape, ObjectShape, Shape } from './shape.ts';

/** OpenAPI 3.0 subset of `responseSchema` (https://ai.google.dev/gemini-api/docs/structured-output). */
export interface ResponseSchema {
  /** Absent beside `anyOf`. */
  type?: 'OBJECT' | 'ARRAY' | 'STRING' | 'NUMBER' | 'INTEGER' | 'BOOLEAN';
  description?: string;
  nullable?: boolean;
  /** Of texts only: another kind answers 400. */
  enum?: string[];
  format?: string;
  items?: ResponseSchema;
  minItems?: number;
  maxItems?: number;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, ResponseSchema>;
  required?: string[];
  propertyOrdering?: string[];
  anyOf?: ResponseSchema[];
}

const TYPES = {
  text: 'STRING',
  number: 'NUMBER',
  integer: 'INTEGER',
  boolean: 'BOOLEAN',
  choice: 'STRING',
  list: 'ARRAY',
  object: 'OBJECT',
} as const;

/**
 * A shape as both ways to Gemini take it, batches on Vertex included: no references, no lists of types, nothing that
 * they do not know (lengths, patterns, additionalProperties, which answers 400). Every answer is validated anyway.
 */
export function responseSchemaOf(shape: Shape): ResponseSchema {
  const { description, nullable } = shape;
  if (shape.kind === 'union') {
    // Nothing may stand beside anyOf, so each option says what is true of all.
    return {
      anyOf: shape.options.map((option) =>
        responseSchemaOf({
          ...option,
          ...(description === undefined || option.description !== undefined ? {} : { description }),
          ...(nullable ? { nullable } : {}),
        }),
      ),
    };
  }
  return {
    type: TYPES[shape.kind],
    ...(description === undefined ? {} : { description }),
    ...(shape.kind === 'choice' ? { enum: shape.values.map(String), format: 'enum' } : {}),
    ...(shape.kind === 'list' ? { items: responseSchemaOf(shape.items), ...lengthOf(shape) } : {}),
    ...(shape.kind === 'number' || shape.kind === 'integer' ? boundsOf(shape) : {}),
    ...(shape.kind === 'object' ? propertiesOf(shape) : {}),
    ...(nullable ? { nullable } : {}),
  };
}

const propertiesOf = ({ fields }: ObjectShape): ResponseSchema => ({
  properties: Object.fromEntries(fields.map(({ name, shape }) => [name, responseSchemaOf(shape)])),
  required: requiredOf(fields),
  propertyOrdering: fields.map(({ name }) => name),
});

/** Names of the fields that must be there. */
export const requiredOf = (fields: ObjectShape['fields']): string[] =>
  fields.filter(({ required }) => required).map(({ name }) => name);

/** `minItems` and `maxItems`, as far as there are any. */
export const lengthOf = ({ minItems, maxItems }: Shape & { kind: 'list' }) => ({
  ...(minItems === undefined ? {} : { minItems }),
  ...(maxItems === undefined ? {} : { maxItems }),
});

/** The API knows inclusive bounds only; those of integers are moved by one. */
export function boundsOf(shape: NumberShape): { minimum?: number; maximum?: number } {
  const isWhole = shape.kind === 'integer';
  const { exclusiveMinimum: above, exclusiveMaximum: below } = shape;
  const minimum = shape.minimum ?? (isWhole && above !== undefined ? Math.floor(above) + 1 : above);
  const maximum = shape.maximum ?? (isWhole && below !== undefined ? Math.ceil(below) - 1 : below);
  return { ...(minimum === undefined ? {} : { minimum }), ...(maximum === undefined ? {} : { maximum }) };
}
