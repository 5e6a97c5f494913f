/** A JSON Schema, as far as a form needs it. */
export interface FormSchema {
  type?: string | readonly string[];
  enum?: readonly unknown[];
  anyOf?: readonly FormSchema[];
  properties?: Readonly<Record<string, FormSchema>>;
  required?: readonly string[];
  items?: FormSchema;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  description?: string;
}

/** How a value is edited. */
export type Editor =
  | { kind: 'text'; maxLength?: number }
  | { kind: 'number'; isWhole: boolean; minimum?: number; maximum?: number }
  | { kind: 'yes-no' }
  | { kind: 'choice'; values: readonly unknown[] }
  | { kind: 'list'; of: FormSchema }
  | { kind: 'object'; properties: Readonly<Record<string, FormSchema>> }
  /** Several forms are possible. */
  | { kind: 'any' };

/** The editor of a schema, and whether the value may be null. */
export function editorFor(
  schema: FormSchema | undefined,
  value: unknown,
): { editor: Editor; mayBeNull: boolean } {
  if (!schema) return { editor: editorOfValue(value), mayBeNull: value === null };
  const isNull = (one: FormSchema) => one.type === 'null';
  if (schema.anyOf) {
    const [only, ...others] = schema.anyOf.filter((one) => !isNull(one));
    const mayBeNull = schema.anyOf.some(isNull);
    if (only && others.length === 0) return { ...editorFor(only, value), mayBeNull };
    return { editor: { kind: 'any' }, mayBeNull };
  }
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  const mayBeNull = types.includes('null') || schema.enum?.includes(null) === true;
  return {
    editor: editorOfType(
      schema,
      types.find((type) => type !== 'null'),
    ),
    mayBeNull,
  };
}

function editorOfType(schema: FormSchema, type: string | undefined): Editor {
  if (schema.enum) return { kind: 'choice', values: schema.enum.filter((one) => one !== null) };
  switch (type) {
    case 'string':
      return { kind: 'text', ...(schema.maxLength === undefined ? {} : { maxLength: schema.maxLength }) };
    case 'number':
    case 'integer':
      return {
        kind: 'number',
        isWhole: type === 'integer',
        // Whole numbers of zod are bounded by what JavaScript can hold, which says nothing to people.
        ...(schema.minimum === undefined || schema.minimum <= Number.MIN_SAFE_INTEGER
          ? {}
          : { minimum: schema.minimum }),
        ...(schema.maximum === undefined || schema.maximum >= Number.MAX_SAFE_INTEGER
          ? {}
          : { maximum: schema.maximum }),
      };
    case 'boolean':
      return { kind: 'yes-no' };
    case 'array':
      return schema.items ? { kind: 'list', of: schema.items } : { kind: 'any' };
    case 'object':
      return schema.properties ? { kind: 'object', properties: schema.properties } : { kind: 'any' };
    default:
      return { kind: 'any' };
  }
}

/** For an answer of a profile that is no longer there. */
function editorOfValue(value: unknown): Editor {
  if (typeof value === 'string' || value === null || value === undefined) return { kind: 'text' };
  if (typeof value === 'number') return { kind: 'number', isWhole: false };
  return typeof value === 'boolean' ? { kind: 'yes-no' } : { kind: 'any' };
}

/** What a new entry of a list begins with. */
export function emptyValue(schema: FormSchema): unknown {
  const { editor, mayBeNull } = editorFor(schema, undefined);
  if (mayBeNull) return null;
  switch (editor.kind) {
    case 'text':
      return '';
    case 'number':
      return editor.minimum ?? 0;
    case 'yes-no':
      return false;
    case 'choice':
      return editor.values[0];
    case 'list':
      return [];
    case 'object':
      return Object.fromEntries(
        Object.entries(editor.properties).map(([name, one]) => [name, emptyValue(one)]),
      );
    case 'any':
      return null;
  }
}

/** The fields that differ from the answer; `confidence` is what the model says of itself and is nobody's to correct. */
export const changedFields = (
  answer: Readonly<Record<string, unknown>>,
  edited: Readonly<Record<string, unknown>>,
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(edited).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(answer[name])),
  );
