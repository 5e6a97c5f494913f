import { boundsOf, lengthOf, requiredOf } from './response-schema.ts';
import type { ChoiceValue, Shape } from './shape.ts';

/** The part of JSON Schema that `responseJsonSchema` takes (https://ai.google.dev/gemini-api/docs/structured-output). */
export interface ResponseJsonSchema {
  type?: string | string[];
  description?: string;
  enum?: (string | number)[];
  items?: ResponseJsonSchema;
  minItems?: number;
  maxItems?: number;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, ResponseJsonSchema>;
  required?: string[];
  anyOf?: ResponseJsonSchema[];
}

/** A shape as JSON Schema without references: numbers stay numbers, null is one of the types. */
export function responseJsonSchemaOf(shape: Shape): ResponseJsonSchema {
  const { nullable } = shape;
  const description = shape.description === undefined ? {} : { description: shape.description };
  const orNull = (type: string) => ({ type: nullable ? [type, 'null'] : type });
  switch (shape.kind) {
    case 'text':
      return { ...orNull('string'), ...description };
    case 'boolean':
      return { ...orNull('boolean'), ...description };
    case 'number':
    case 'integer':
      return { ...orNull(shape.kind), ...description, ...boundsOf(shape) };
    case 'choice':
      // An enum knows no null, so it is the other case beside it.
      return nullable
        ? { ...description, anyOf: [choiceSchema(shape.values), { type: 'null' }] }
        : { ...choiceSchema(shape.values), ...description };
    case 'list':
      return {
        ...orNull('array'),
        ...description,
        items: responseJsonSchemaOf(shape.items),
        ...lengthOf(shape),
      };
    case 'object':
      return {
        ...orNull('object'),
        ...description,
        properties: Object.fromEntries(
          shape.fields.map(({ name, shape: field }) => [name, responseJsonSchemaOf(field)]),
        ),
        required: requiredOf(shape.fields),
      };
    case 'union':
      return {
        ...description,
        anyOf: [...shape.options.map(responseJsonSchemaOf), ...(nullable ? [{ type: 'null' }] : [])],
      };
  }
}

/** Texts and numbers are taken; a mixture, and booleans, are asked for as texts and read back. */
function choiceSchema(values: readonly ChoiceValue[]): ResponseJsonSchema {
  const numbers = values.filter((value) => typeof value === 'number');
  if (numbers.length < values.length) return { type: 'string', enum: values.map(String) };
  return { type: numbers.every(Number.isInteger) ? 'integer' : 'number', enum: numbers };
}
