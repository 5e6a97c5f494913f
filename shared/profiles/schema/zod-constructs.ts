import type { z } from 'zod';
import { fieldPath, type SchemaProblem } from './shape.ts';

type Refusal = readonly [reason: string, instead: string];
type Construct = z.core.$ZodType;
/** A schema built again at each level would never end. */
const MAX_LEVELS = 100;

type Definition = z.core.$ZodTypeDef & Record<string, unknown>;

/** What zod has and an answer cannot: the reason, and what to write instead. */
const REFUSED: Readonly<Record<string, Refusal>> = {
  any: ['a value of any kind cannot be asked for', 'write the type that is wanted, e.g. z.string().max(100)'],
  unknown: [
    'a value of any kind cannot be asked for',
    'write the type that is wanted, e.g. z.string().max(100)',
  ],
  custom: [
    'a custom type cannot be asked for',
    'write the type that JSON has for it, and the rule as .refine()',
  ],
  date: ['JSON has no dates', 'write z.iso.date() or z.iso.datetime()'],
  bigint: ['JSON has no big integers', 'write z.int(), or z.string() for numbers of more than 15 digits'],
  symbol: ['JSON has no symbols', 'write z.enum([...])'],
  undefined: ['JSON has no undefined', 'write .optional() on the field'],
  void: ['JSON has no undefined', 'leave the field out'],
  never: ['no value fits it', 'leave the field out'],
  null: ['a field that is always null says nothing', 'leave the field out'],
  nan: ['JSON has no NaN', 'write z.number().nullable()'],
  function: ['JSON has no functions', 'leave the field out'],
  promise: ['JSON has no promises', 'write the type of what is promised'],
  file: ['an answer holds no files', 'leave the field out'],
  map: ['JSON has no maps', 'write z.array(z.object({ key: ..., value: ... })).max(n)'],
  set: ['JSON has no sets', 'write z.array(...).max(n)'],
  success: ['it tells of validation, not of the picture', 'write z.boolean()'],
  transform: [
    'what a transform makes of a value is not known beforehand',
    'write the type as the model should write it, and transform where results are read',
  ],
};

const COERCED: Refusal = [
  'z.coerce turns null into 0 and "false" into true',
  'write the plain type: numbers, booleans and dates written as text are read anyway',
];
const CHANGED: Refusal = [
  'it is written as one type and stored as another',
  'write the type as the model should write it',
];
const EMPTY_ENUM: Refusal = ['an enum needs values', 'list the values'];
const ENDLESS: Refusal = ['a form that holds itself has no end', 'write out as many levels as are needed'];
const OTHER_FIELDS: Refusal = ['fields without names cannot be asked for', 'name them in z.object({ ... })'];
const KEYS: Refusal = [
  'keys that are not known beforehand cannot be asked for',
  'write z.array(z.object({ key: ..., value: ... })).max(n), or name the keys with z.enum([...])',
];

/** Every construct in a zod schema that JSON Schema would hide or that no answer can hold, with its path. */
export function zodProblems(schema: z.ZodType): SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  const around = new Set<Construct>();
  const refuse = (path: string, [reason, instead]: Refusal): void => {
    problems.push({ path, reason, instead });
  };
  const visit = (construct: Construct, path: string): void => {
    if (around.has(construct) || around.size > MAX_LEVELS) {
      refuse(path, ENDLESS);
      return;
    }
    around.add(construct);
    const definition = definitionOf(construct);
    const refusal = refusalOf(definition);
    if (refusal) refuse(path, refusal);
    else for (const [child, below] of childrenOf(definition, path)) visit(child, below);
    around.delete(construct);
  };
  visit(schema, '');
  return problems;
}

const definitionOf = (construct: Construct): Definition => construct._zod.def as Definition;

const typeOf = (construct: unknown): string => definitionOf(construct as Construct).type;

function refusalOf(definition: Definition): Refusal | undefined {
  const { type } = definition;
  if (definition['coerce'] === true) return COERCED;
  if (type === 'pipe') return pipeRefusal(definition);
  if (type === 'enum' && Object.keys(definition['entries'] as object).length === 0) return EMPTY_ENUM;
  if (type === 'object') {
    const { catchall } = definition;
    return catchall === undefined || typeOf(catchall) === 'never' ? undefined : OTHER_FIELDS;
  }
  if (type === 'record')
    return ['enum', 'literal'].includes(typeOf(definition['keyType'])) ? undefined : KEYS;
  return REFUSED[type];
}

/** z.preprocess() is a pipe out of a transform; what comes out of it is asked for. */
function pipeRefusal(definition: Definition): Refusal | undefined {
  const into = typeOf(definition['in']);
  const out = typeOf(definition['out']);
  if (out === 'transform') return REFUSED['transform'];
  if (definition['transform'] !== undefined || definition['reverseTransform'] !== undefined) return CHANGED;
  return into === 'transform' || into === out ? undefined : CHANGED;
}

function childrenOf(definition: Definition, path: string): [Construct, string][] {
  const child = (key: string, below = path): [Construct, string][] =>
    definition[key] === undefined ? [] : [[definition[key] as Construct, below]];
  const children = (key: string): Construct[] => (definition[key] as Construct[] | undefined) ?? [];
  switch (definition.type) {
    case 'object':
      return Object.entries(definition['shape'] as Record<string, Construct>).map(([name, field]) => [
        field,
        fieldPath(path, name),
      ]);
    case 'array':
      return child('element', `${path}[]`);
    case 'tuple':
      return [
        ...children('items').map((item): [Construct, string] => [item, `${path}[]`]),
        ...(definition['rest'] ? child('rest', `${path}[]`) : []),
      ];
    case 'union':
      return children('options').map((option) => [option, path]);
    case 'intersection':
      return [...child('left'), ...child('right')];
    case 'record':
      return child('valueType', fieldPath(path, '*'));
    case 'pipe':
      return child('out');
    case 'lazy':
      return [[(definition['getter'] as () => Construct)(), path]];
    default:
      return child('innerType');
  }
}
