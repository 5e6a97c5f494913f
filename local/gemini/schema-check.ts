import { z } from 'zod';
import { bareInvalidArgument, invalidArgument } from './errors.ts';
import type { Schema } from './request.ts';

/** Above this sum of all maxItems the API answers a 400 that names no reason (observed, not documented). */
const MAX_ITEMS_SUM = 960;
/** Deeper nesting is refused as well; also what keeps a schema from exhausting the stack here. */
const MAX_DEPTH = 64;

const TEXT_FORMATS: readonly string[] = ['enum', 'date-time'];

const ROOT = 'GenerateContentRequest.generation_config.response_schema';

/** @throws GeminiError 400 with all complaints about the OpenAPI subset, as the API lists them. */
export function checkResponseSchema(schema: Schema, path: string = ROOT): void {
  const complaints: string[] = [];
  visit(schema, path, 0, complaints);
  if (complaints.length > 0) throw invalidArgument(complaints.join(''));
  checkComplexity(schema);
}

/**
 * JSON Schema arrives unchecked: a `properties` that is no object is refused here, and an `enum` that is no list of
 * texts and numbers.
 */
const jsonSchema: z.ZodType<unknown> = z.lazy(() =>
  z.looseObject({
    type: z.union([z.string(), z.array(z.string())]).optional(),
    description: z.string().optional(),
    properties: z.record(z.string(), jsonSchema).optional(),
    items: z.union([z.boolean(), jsonSchema]).optional(),
    anyOf: z.array(jsonSchema).optional(),
    oneOf: z.array(jsonSchema).optional(),
    enum: z.array(z.union([z.string(), z.number()])).optional(),
    required: z.array(z.string()).optional(),
    maxItems: z.number().optional(),
    minItems: z.number().optional(),
    minLength: z.number().optional(),
    maxLength: z.number().optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    exclusiveMinimum: z.number().optional(),
    $ref: z.string().optional(),
    $defs: z.record(z.string(), jsonSchema).optional(),
  }),
);

/** @throws GeminiError 400 without a reason, as the API answers a schema it cannot use. */
export function checkJsonSchema(schema: unknown): asserts schema is Schema {
  const depth = depthOf(schema);
  if (depth > MAX_DEPTH || !jsonSchema.safeParse(schema).success) throw bareInvalidArgument();
  checkReferences(schema as Schema);
  checkComplexity(schema as Schema);
}

/**
 * A reference leads to a definition, stands alone, and may come round only through a field that may be missing
 * (https://ai.google.dev/api/generate-content, read 2026-11-28).
 */
function checkReferences(root: Schema): void {
  for (const part of [root, ...Object.values(root.$defs ?? {})])
    for (const { $ref, ...beside } of referencesIn(part)) {
      const others = Object.keys(beside).filter((key) => !key.startsWith('$'));
      if (!definitionOf($ref, root) || others.length > 0) throw bareInvalidArgument();
    }
  const finite = new Set<string>();
  const follow = (reference: string, trail: readonly string[]): void => {
    if (trail.includes(reference)) throw bareInvalidArgument();
    if (finite.has(reference)) return;
    const target = definitionOf(reference, root) ?? {};
    for (const { $ref } of referencesIn(target, 'required')) follow($ref, [...trail, reference]);
    finite.add(reference);
  };
  for (const { $ref } of referencesIn(root)) follow($ref, []);
  follow('#', []);
}

/** The references inside of a schema, without following them; `required`: those that every answer must fill. */
function referencesIn(schema: Schema, which: 'all' | 'required' = 'all'): (Schema & { $ref: string })[] {
  const { $ref } = schema;
  if ($ref !== undefined) return [{ ...schema, $ref }];
  const fields = Object.entries(schema.properties ?? {})
    .filter(([name]) => which === 'all' || schema.required?.includes(name))
    .map(([, field]) => field);
  const items = typeof schema.items === 'object' ? [schema.items] : [];
  return [...fields, ...items, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap((child) =>
    referencesIn(child, which),
  );
}

const definitionOf = (reference: string, root: Schema): Schema | undefined =>
  reference === '#' ? root : root.$defs?.[reference.replace(/^#\/\$defs\//, '')];

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

/** For both kinds of schema: too many bounded items or too deep. */
function checkComplexity(schema: Schema): void {
  if (sumOfMaxItems(schema, 0) > MAX_ITEMS_SUM) throw bareInvalidArgument();
}

function visit(schema: Schema, path: string, depth: number, complaints: string[]): void {
  if (depth > MAX_DEPTH) throw bareInvalidArgument();
  if (schema.type === 'OBJECT') checkObject(schema, path, complaints);
  if (schema.type === 'ARRAY' && !schema.items) complaints.push(`* ${path}.items: missing field.\n`);
  if (schema.type === undefined && !schema.anyOf)
    complaints.push(`* ${path}: schema didn't specify the schema type field\n`);
  if (schema.type === 'STRING' && schema.format !== undefined && !TEXT_FORMATS.includes(schema.format))
    complaints.push(`* ${path}.format: only 'enum' and 'date-time' are supported for STRING type\n`);
  if (schema.enum && schema.type !== 'STRING')
    complaints.push(`* ${path}.enum: only allowed for STRING type\n`);
  for (const [child, childPath] of children(schema, path)) visit(child, childPath, depth + 1, complaints);
}

function checkObject(schema: Schema, path: string, complaints: string[]): void {
  const names = Object.keys(schema.properties ?? {});
  if (names.length === 0) complaints.push(`* ${path}.properties: should be non-empty for OBJECT type\n`);
  for (const [index, name] of (schema.required ?? []).entries()) {
    if (!names.includes(name)) complaints.push(`* ${path}.required[${index}]: property is not defined\n`);
  }
}

function children(schema: Schema, path: string): [Schema, string][] {
  return [
    ...Object.entries(schema.properties ?? {}).map(([name, child]): [Schema, string] => [
      child,
      `${path}.properties[${name}]`,
    ]),
    ...(schema.items ? [[schema.items, `${path}.items`] as [Schema, string]] : []),
    ...(schema.anyOf ?? []).map((child, index): [Schema, string] => [child, `${path}.any_of[${index}]`]),
  ];
}

function sumOfMaxItems(schema: Schema, depth: number): number {
  if (depth > MAX_DEPTH) throw bareInvalidArgument();
  const own = schema.maxItems ?? 0;
  return children(schema, '').reduce((sum, [child]) => sum + sumOfMaxItems(child, depth + 1), own);
}
