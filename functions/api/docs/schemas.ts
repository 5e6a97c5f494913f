import { z } from 'zod';

export type JsonSchema = { [key: string]: unknown };

/**
 * JSON Schemas for an OpenAPI document: schemas that have an id are collected and referred to. A schema's meta
 * `documentedAs` stands in where what travels (text in an address) is not what is meant (a number).
 */
export class Schemas {
  readonly collected: Record<string, JsonSchema> = {};

  /** `input`: what a caller may send; `output`: what is answered. */
  of(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    // Inside another one, a schema with an id becomes a reference.
    const generated = z.toJSONSchema(z.object({ it: schema }), { io }) as JsonSchema;
    const definitions = (generated['$defs'] ?? {}) as Record<string, JsonSchema>;
    for (const [id, definition] of Object.entries(definitions))
      this.collected[id] = tidy(definition) as JsonSchema;
    return tidy((generated['properties'] as JsonSchema)['it']) as JsonSchema;
  }
}

function tidy(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(tidy);
  if (typeof node !== 'object' || node === null) return node;
  const { documentedAs, id, ...rest } = node as JsonSchema;
  if (documentedAs !== undefined) {
    const { description } = rest;
    return { ...(documentedAs as JsonSchema), ...(description === undefined ? {} : { description }) };
  }
  const kept = typeof id === 'string' ? rest : { ...rest, ...(id === undefined ? {} : { id }) };
  return Object.fromEntries(
    Object.entries(kept).map(([key, value]) => [
      key,
      key === '$ref' ? String(value).replace('#/$defs/', '#/components/schemas/') : tidy(value),
    ]),
  );
}
