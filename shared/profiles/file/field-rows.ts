import { FIELD_TYPES, type FieldRow, type FieldRows } from './profile-file.ts';

/** A mistake in a field, with the path that leads to it in the file. */
interface RowProblem {
  path: readonly string[];
  text: string;
}

type JsonSchemaDraft = Record<string, unknown>;

/** The fields of a file as a JSON Schema, in their order, and what cannot be understood. */
export function schemaOfRows(rows: FieldRows): { schema: JsonSchemaDraft; problems: RowProblem[] } {
  const problems: RowProblem[] = [];
  return { schema: objectSchema(rows, ['fields'], problems), problems };
}

function objectSchema(rows: FieldRows, path: readonly string[], problems: RowProblem[]): JsonSchemaDraft {
  const entries = Object.entries(rows);
  return {
    type: 'object',
    properties: Object.fromEntries(
      entries.map(([name, row]) => [name, rowSchema(row, [...path, name], problems)]),
    ),
    required: entries
      .filter(([, row]) => typeof row === 'string' || row.required !== false)
      .map(([name]) => name),
  };
}

function rowSchema(row: FieldRows[string], path: readonly string[], problems: RowProblem[]): JsonSchemaDraft {
  if (typeof row === 'string') return { ...FIELD_TYPES[row] };
  const problem = contradiction(row);
  if (problem !== undefined) problems.push({ path, text: problem });
  const description = descriptionOf(row);
  return {
    ...orNull(kindSchema(row, path, problems), row.nullable === true),
    ...(description === '' ? {} : { description }),
    ...(row.default === undefined ? {} : { default: row.default }),
  };
}

function kindSchema(row: FieldRow, path: readonly string[], problems: RowProblem[]): JsonSchemaDraft {
  const { min, max, pattern } = row;
  if (row.fields) return objectSchema(row.fields, [...path, 'fields'], problems);
  if (row.listOf !== undefined) {
    return {
      type: 'array',
      items: rowSchema(row.listOf, [...path, 'listOf'], problems),
      ...(row.unique ? { uniqueItems: true } : {}),
      ...named({ minItems: min, maxItems: max }),
    };
  }
  if (row.enum) return { enum: row.enum };
  const type = FIELD_TYPES[row.type ?? 'text'];
  return type.type === 'string'
    ? { ...type, ...named({ minLength: min, maxLength: max, pattern }) }
    : { ...type, ...named({ minimum: min, maximum: max }) };
}

const named = (values: JsonSchemaDraft): JsonSchemaDraft =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

function orNull(schema: JsonSchemaDraft, nullable: boolean): JsonSchemaDraft {
  if (!nullable) return schema;
  const { enum: values, type } = schema;
  return Array.isArray(values)
    ? { ...schema, enum: [...(values as unknown[]), null] }
    : { ...schema, type: [type, 'null'] };
}

/** What the model reads of a field: its meaning, its other names, and what a value looks like. */
function descriptionOf({ description, aliases = [], examples = [] }: FieldRow): string {
  const parts = [
    description,
    aliases.length > 0 ? `also called ${aliases.join(', ')}` : undefined,
    examples.length > 0 ? `e.g. ${examples.join(', ')}` : undefined,
  ];
  return parts.filter((part) => part !== undefined && part !== '').join('; ');
}

/** What a row says that does not go together; undefined when it does. */
function contradiction(row: FieldRow): string | undefined {
  const kinds = (['type', 'enum', 'fields', 'listOf'] as const).filter((key) => row[key] !== undefined);
  const isTypedChoice = kinds.length === 2 && kinds[0] === 'type' && kinds[1] === 'enum';
  if (kinds.length > 1 && !isTypedChoice)
    return `${kinds.join(' and ')} say different things; keep one of them`;
  const type = row.type ?? 'text';
  const isText =
    kinds.length === 0 || (kinds[0] === 'type' && kinds.length === 1 && FIELD_TYPES[type].type === 'string');
  if (row.pattern !== undefined && !isText) return 'pattern is for texts only';
  if (row.unique !== undefined && row.listOf === undefined) return 'unique is for lists only';
  const isUnbounded = row.enum !== undefined || row.fields !== undefined || type === 'boolean';
  if (isUnbounded && (row.min !== undefined || row.max !== undefined))
    return 'min and max are for texts, numbers and lists';
  if (row.listOf !== undefined && row.max === undefined)
    return 'a list needs max, the most entries it can have';
  return incomparable(row, type, isText);
}

/** Why the field cannot be compared as it asks. */
function incomparable({ compare, listOf }: FieldRow, type: keyof typeof FIELD_TYPES, isText: boolean) {
  if (compare === undefined) return undefined;
  if (compare === 'set' || compare === 'order')
    return listOf === undefined ? `compare: ${compare} is for lists only` : undefined;
  if (listOf !== undefined)
    return 'a list is compared as set or order; its entries have a compare of their own';
  if (typeof compare === 'object')
    return type === 'number' || type === 'integer' ? undefined : 'compare: within is for numbers only';
  return compare === 'date' && !isText ? 'compare: date is for texts only' : undefined;
}
