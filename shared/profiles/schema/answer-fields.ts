import type { FieldShape, Shape } from './shape.ts';

/** What the values of a column are; `json` is whatever has parts, or differs from answer to answer. */
export type ValueType = 'text' | 'number' | 'integer' | 'boolean' | 'json';

/** One field of an answer, as a table shows it. */
export interface AnswerField {
  name: string;
  type: ValueType;
  /** The fields of its entries, where it is a list of objects: each entry can be a row. */
  entries?: readonly AnswerField[];
}

/** The fields of an answer, for exports and comparisons, in the order of the schema. */
export const answerFields = (shape: Shape): AnswerField[] =>
  shape.kind === 'object' ? shape.fields.map(answerField) : [];

function answerField({ name, shape }: FieldShape): AnswerField {
  const entries = shape.kind === 'list' ? answerFields(shape.items) : [];
  return { name, type: valueType(shape), ...(entries.length > 0 ? { entries } : {}) };
}

function valueType(shape: Shape): ValueType {
  switch (shape.kind) {
    case 'text':
      return 'text';
    case 'number':
    case 'integer':
    case 'boolean':
      return shape.kind;
    case 'choice':
      return oneOf(
        shape.values.map((value) => (typeof value === 'number' ? numberType(value) : kindOf(value))),
      );
    case 'union':
      return oneOf(shape.options.map(valueType));
    default:
      return 'json';
  }
}

const numberType = (value: number): ValueType => (Number.isInteger(value) ? 'integer' : 'number');
const kindOf = (value: unknown): ValueType => (typeof value === 'boolean' ? 'boolean' : 'text');

/** Integers among numbers are numbers; other mixtures have no type of a column. */
function oneOf(types: readonly ValueType[]): ValueType {
  const [first, ...others] = new Set(types);
  if (first !== undefined && others.length === 0) return first;
  return types.every((type) => type === 'integer' || type === 'number') ? 'number' : 'json';
}
