/** What becomes of each keyword of JSON Schema 2020-12 (https://json-schema.org/draft/2020-12). */
export type KeywordRule =
  /** Part of the form that is asked for, or a rule that every answer is held to. */
  | 'carried'
  /** Said to people only. */
  | 'ignored'
  | { refused: string; instead: string };

const refuse = (refused: string, instead: string): KeywordRule => ({ refused, instead });

const CONDITION = refuse('conditions cannot be asked for', 'write anyOf with one object for each case');
const UNNAMED = refuse('fields without names cannot be asked for', 'name them in properties');
const COUNTED = refuse(
  'numbers of fields cannot be asked for',
  'name the fields that must be there in required',
);
const SEARCHED = refuse(
  'what a list contains cannot be asked for',
  'describe it, and check it where results are read',
);
const DYNAMIC = refuse(
  'references that depend on where they stand are not followed',
  'use $ref to "#/$defs/NAME"',
);

export const KEYWORDS: Readonly<Record<string, KeywordRule>> = {
  type: 'carried',
  enum: 'carried',
  const: 'carried',
  properties: 'carried',
  required: 'carried',
  additionalProperties: 'carried',
  propertyNames: 'carried',
  items: 'carried',
  prefixItems: 'carried',
  minItems: 'carried',
  maxItems: 'carried',
  uniqueItems: 'carried',
  minLength: 'carried',
  maxLength: 'carried',
  pattern: 'carried',
  format: 'carried',
  minimum: 'carried',
  maximum: 'carried',
  exclusiveMinimum: 'carried',
  exclusiveMaximum: 'carried',
  multipleOf: 'carried',
  anyOf: 'carried',
  oneOf: 'carried',
  allOf: 'carried',
  $ref: 'carried',
  $defs: 'carried',
  definitions: 'carried',
  description: 'carried',
  default: 'carried',
  unevaluatedProperties: 'carried',
  $schema: 'ignored',
  $id: 'ignored',
  $comment: 'ignored',
  title: 'ignored',
  examples: 'ignored',
  deprecated: 'ignored',
  readOnly: 'ignored',
  writeOnly: 'ignored',
  contentEncoding: 'ignored',
  contentMediaType: 'ignored',
  contentSchema: 'ignored',
  id: 'ignored',
  $vocabulary: refuse('vocabularies are not read', 'leave it out'),
  $anchor: refuse('anchors are not followed', 'use $ref to "#/$defs/NAME"'),
  $dynamicRef: DYNAMIC,
  $dynamicAnchor: DYNAMIC,
  not: refuse('what is not allowed cannot be asked for', 'write what is allowed'),
  if: CONDITION,
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: CONDITION,
  else: CONDITION,
  dependentSchemas: CONDITION,
  dependentRequired: CONDITION,
  dependencies: CONDITION,
  patternProperties: UNNAMED,
  minProperties: COUNTED,
  maxProperties: COUNTED,
  contains: SEARCHED,
  minContains: SEARCHED,
  maxContains: SEARCHED,
  unevaluatedItems: refuse('items without a type cannot be asked for', 'write items'),
  additionalItems: refuse('items without a type cannot be asked for', 'write items'),
  nullable: refuse('it is not JSON Schema', 'write "type": ["string", "null"]'),
};

/** Formats of texts that are held; the others of JSON Schema are not checked by anybody. */
export const FORMATS = [
  'date',
  'date-time',
  'time',
  'duration',
  'email',
  'uuid',
  'uri',
  'hostname',
  'ipv4',
  'ipv6',
  'gtin',
  'currency',
] as const;

export type TextFormat = (typeof FORMATS)[number];
