import { z } from 'zod';
import { type AnswerField, answerFields } from './answer-fields.ts';
import { formInWords } from './form-in-words.ts';
import { limitProblems } from './limits.ts';
import { readShape } from './read-shape.ts';
import { type ResponseJsonSchema, responseJsonSchemaOf } from './response-json-schema.ts';
import { type ResponseSchema, responseSchemaOf } from './response-schema.ts';
import { type SchemaProblem, type Shape, walkShape } from './shape.ts';
import { respell } from './spelling.ts';
import { fieldValidator, validatorOf } from './validator.ts';
import { zodProblems } from './zod-constructs.ts';

/** The form of an answer, ready for every use. With `problems`, no picture could be answered in it. */
export interface CompiledSchema {
  shape: Shape;
  problems: readonly SchemaProblem[];
  /** What works today and may not be for long. */
  warnings: readonly SchemaProblem[];
  /** What Gemini gets: takes no part of JSON Schema that batches on Vertex AI refuse. */
  responseSchema: ResponseSchema;
  /** The same for `responseJsonSchema`. */
  responseJsonSchema: ResponseJsonSchema;
  /** The same for people and prompts, in a line. */
  inWords: string;
  /** The columns of exports and comparisons. */
  fields: readonly AnswerField[];
  /** Holds a value to the schema. */
  read(value: unknown): ReadAnswer;
}

type ReadAnswer =
  /** `respelled`: paths of values that were spelled in another way, such as a number as text. */
  | { success: true; data: Record<string, unknown>; respelled: readonly string[] }
  | { success: false; issues: readonly z.core.$ZodIssue[] };

const compiled = new WeakMap<z.ZodObject, CompiledSchema>();

/** The form that a zod schema says; compiled once. Never throws: `problems` says what is wrong. */
export function compileZod(schema: z.ZodObject): CompiledSchema {
  const known = compiled.get(schema);
  if (known) return known;
  const refused = zodProblems(schema);
  const { shape, problems } = readZod(schema);
  const made = compile(shape, refused.length > 0 ? refused : problems, schema);
  compiled.set(schema, made);
  return made;
}

function readZod(schema: z.ZodObject): ReturnType<typeof readShape> {
  try {
    return readShape(z.toJSONSchema(schema, { unrepresentable: 'any', override: nameTimes }), 'zod');
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
    return {
      shape: { kind: 'object', fields: [] },
      problems: [{ path: '', reason, instead: 'correct the schema' }],
    };
  }
}

/** JSON Schema's times have a zone and those of zod have none, so zod does not name their format. */
function nameTimes({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: z.core.$ZodTypes;
  jsonSchema: z.core.JSONSchema.BaseSchema;
}) {
  if ('format' in zodSchema._zod.def && zodSchema._zod.def.format === 'time') jsonSchema.format = 'time';
}

/** The form that a JSON Schema says, and a zod schema that holds answers to it. Never throws. */
export function compileJsonSchema(document: unknown): CompiledSchema & { schema: z.ZodObject } {
  const { shape, problems } = readShape(document, 'json-schema');
  const schema = problems.length === 0 && shape.kind === 'object' ? validatorOf(shape) : z.object({});
  const made = compile(
    shape,
    [...problems, ...(problems.length === 0 ? defaultProblems(shape) : [])],
    schema,
  );
  compiled.set(schema, made);
  return { ...made, schema };
}

function compile(shape: Shape, found: readonly SchemaProblem[], schema: z.ZodObject): CompiledSchema {
  const responseSchema = responseSchemaOf(shape);
  const limits = limitProblems(shape, responseSchema);
  return {
    shape,
    problems: [...found, ...limits.problems],
    warnings: limits.warnings,
    responseSchema,
    responseJsonSchema: responseJsonSchemaOf(shape),
    inWords: formInWords(shape),
    fields: answerFields(shape),
    read: (value) => readWith(schema, shape, value),
  };
}

function defaultProblems(shape: Shape): SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  walkShape(shape, (node, path) => {
    const { fallback, ...rest } = node;
    if (fallback !== undefined && !fieldValidator(rest).safeParse(fallback).success)
      problems.push({ path, reason: 'its default does not fit it', instead: 'correct the default' });
  });
  return problems;
}

/** Only what does not fit as it is is read again with another spelling. */
function readWith(schema: z.ZodObject, shape: Shape, value: unknown): ReadAnswer {
  const asGiven = parseWith(schema, value);
  if (asGiven.success) return { ...asGiven, respelled: [] };
  const respelled = respell(value, shape);
  const parsed = parseWith(schema, respelled.value);
  return parsed.success ? { ...parsed, respelled: respelled.paths } : asGiven;
}

type Parsed =
  | { success: true; data: Record<string, unknown> }
  | { success: false; issues: z.core.$ZodIssue[] };

/** A rule of the schema that throws says no more than that the answer did not keep to it. */
function parseWith(schema: z.ZodObject, value: unknown): Parsed {
  try {
    const parsed = schema.safeParse(value);
    return parsed.success
      ? { success: true, data: parsed.data }
      : { success: false, issues: parsed.error.issues };
  } catch (error) {
    const why = error instanceof Error ? error.name : 'an error';
    const message = `a rule of the schema could not be applied (${why})`;
    return { success: false, issues: [{ code: 'custom', path: [], message, input: undefined }] };
  }
}
