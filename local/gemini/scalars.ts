import type { Known } from './meaning.ts';
import type { Schema } from './request.ts';

/** `known` is false when nothing in the picture speaks to the value: optional fields are then left out. */
export interface Filled {
  value: unknown;
  known: boolean;
}

const types = (schema: Schema): string[] => [schema.type ?? []].flat().map((type) => type.toLowerCase());

/** Lower-case name of the schema's type, the one besides null; guessed from its keywords when it has none. */
export function typeOf(schema: Schema): string {
  const named = types(schema).find((type) => type !== 'null');
  return named ?? (schema.properties ? 'object' : schema.items ? 'array' : 'null');
}

export const isNullable = (schema: Schema): boolean =>
  schema.nullable === true || types(schema).includes('null');

export function fillString(schema: Schema, known: Known): Filled {
  const value = Array.isArray(known) ? known.join(', ') : known === undefined ? empty(schema) : String(known);
  return { value: value.slice(0, schema.maxLength ?? value.length), known: known !== undefined };
}

const empty = (schema: Schema): string => ((schema.minLength ?? 0) > 0 ? 'unknown' : '');

export function fillNumber(schema: Schema, known: Known): Filled {
  const number = typeof known === 'string' ? Number(known) : known;
  const isKnown = typeof number === 'number' && Number.isFinite(number);
  const value = isKnown ? number : 0;
  const bounded = Math.min(
    Math.max(value, lowest(schema) ?? value),
    schema.maximum ?? Number.POSITIVE_INFINITY,
  );
  return { value: typeOf(schema) === 'integer' ? Math.round(bounded) : bounded, known: isKnown };
}

const lowest = ({ minimum, exclusiveMinimum }: Schema): number | undefined =>
  minimum ?? (exclusiveMinimum === undefined ? undefined : exclusiveMinimum + 1);

export const fillBoolean = (known: Known): Filled => ({
  value: known === true,
  known: typeof known === 'boolean',
});
