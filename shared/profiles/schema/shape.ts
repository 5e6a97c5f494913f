/** A form of answers, whatever it was written in: every construct that all its uses can carry, and nothing else. */
export type Shape = (
  | TextShape
  | NumberShape
  | BooleanShape
  | ChoiceShape
  | ListShape
  | ObjectShape
  | UnionShape
) &
  Common;

interface Common {
  description?: string;
  nullable?: boolean;
  /** Stands in for a missing value. */
  fallback?: unknown;
}

export interface TextShape {
  kind: 'text';
  minLength?: number;
  maxLength?: number;
  /** Regular expressions that the text must match, without flags. */
  patterns?: readonly string[];
  format?: string;
}

export interface NumberShape {
  kind: 'number' | 'integer';
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
}

interface BooleanShape {
  kind: 'boolean';
}

/** One of a few values. */
export interface ChoiceShape {
  kind: 'choice';
  values: readonly ChoiceValue[];
}

export type ChoiceValue = string | number | boolean;

export interface ListShape {
  kind: 'list';
  items: Shape;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
}

export interface ObjectShape {
  kind: 'object';
  /** In the order in which a model writes them. */
  fields: readonly FieldShape[];
  /** Fields of other names make an answer invalid; else they are dropped. */
  strict?: boolean;
}

export interface FieldShape {
  name: string;
  shape: Shape;
  required: boolean;
}

/** One of several forms. */
export interface UnionShape {
  kind: 'union';
  options: readonly Shape[];
  /** A value that fits several of them is invalid. */
  exclusive?: boolean;
}

/** Why a form cannot be used, or may give trouble. */
export interface SchemaProblem {
  /** The field, e.g. `items[].sku`; empty for the answer as a whole. */
  path: string;
  reason: string;
  /** What to write instead. */
  instead: string;
}

/** The problem as a sentence without its full stop. */
export const problemText = ({ path, reason, instead }: SchemaProblem): string =>
  `${path === '' ? 'the answer' : path}: ${reason}; ${instead}`;

export const fieldPath = (parent: string, name: string): string =>
  parent === '' ? name : `${parent}.${name}`;

/** Calls `visit` for the shape and everything inside it, with the path of each. */
export function walkShape(shape: Shape, visit: (shape: Shape, path: string) => void, path = ''): void {
  visit(shape, path);
  if (shape.kind === 'list') walkShape(shape.items, visit, `${path}[]`);
  if (shape.kind === 'object')
    for (const { name, shape: field } of shape.fields) walkShape(field, visit, fieldPath(path, name));
  if (shape.kind === 'union') for (const option of shape.options) walkShape(option, visit, path);
}

/** Whether a value of this form may be a list, which no list may hold. */
export const isListInside = (shape: Shape): boolean =>
  shape.kind === 'list' || (shape.kind === 'union' && shape.options.some(isListInside));

/** A union of one is that one; a union of fixed values is a choice. */
export function oneShape(shapes: readonly Shape[], exclusive: boolean): Shape {
  const [only] = shapes;
  if (only && shapes.length === 1) return only;
  const values = shapes.flatMap((shape) => (shape.kind === 'choice' ? shape.values : []));
  const isChoice =
    shapes.every(({ kind }) => kind === 'choice') && new Set(values.map(String)).size === values.length;
  if (isChoice) return { kind: 'choice', values };
  return { kind: 'union', options: shapes, ...(exclusive ? { exclusive } : {}) };
}
