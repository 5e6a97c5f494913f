import type { z } from 'zod';
import { DECISION_MODEL, isDecisionStep } from './decision-step.ts';
import { compileZod } from './schema/compile.ts';
import { isKey } from './schema/field-names.ts';
import type { ChoiceValue, FieldShape, ListShape, NumberShape, ObjectShape, Shape } from './schema/shape.ts';

/** One of the answers to a closed question. */
interface ClosedOption {
  /** How the question and its answer call it. */
  id: string;
  /** What stands in the answer for it; absent where the field is left out. */
  value?: ChoiceValue | null;
}

/** A field whose every answer is known before a picture is seen. */
export type ClosedField = {
  path: readonly string[];
  /** The field and what it means, in words. */
  ask: string;
} & (
  | { kind: 'yes-no' }
  | { kind: 'one-of'; options: readonly ClosedOption[] }
  /** Whole numbers from `least` on. */
  | { kind: 'scale'; least: number; levels: number }
  /** A list: of each value whether it is there. */
  | { kind: 'any-of'; values: readonly ChoiceValue[] }
  /** There is nothing to ask. */
  | { kind: 'fixed'; value: ChoiceValue }
);

/** An answer that consists of closed fields. */
export interface ClosedForm {
  fields: readonly ClosedField[];
  /** Whether the answer has a field for its confidence. */
  hasConfidence: boolean;
  /** Why it cannot be asked so, in sentences without their full stop. */
  problems: readonly string[];
}

/** Of a choice and of a scale, and of questions in one request (types of `@google/genai` 3.3.0, CreateDecisionRequest). */
const MAX_OPTIONS = 255;
const MAX_QUESTIONS = 1_000;
/** 0 to 10 is a scale; what has more levels is counted or measured, which the model is not made for. */
const MAX_LEVELS = 11;

/** What stands for null, and for a field that is left out: probabilities are of the options alone. */
const NOT_SEEN = 'cannot be seen';

const forms = new WeakMap<z.ZodObject, ClosedForm>();

/** The closed fields of a schema; worked out once. Never throws: `problems` says what is wrong. */
export function closedForm(schema: z.ZodObject): ClosedForm {
  const known = forms.get(schema);
  if (known) return known;
  const { shape } = compileZod(schema);
  const found: Found = { fields: [], open: [], problems: [] };
  if (shape.kind === 'object') collect(shape, [], '', found);
  const made = {
    fields: found.fields,
    hasConfidence: shape.kind === 'object' && shape.fields.some(isConfidence),
    problems: problemsOf(found),
  };
  forms.set(schema, made);
  return made;
}

/** What is wrong with the decision steps of a profile, in sentences without their full stop. */
export function decisionProblems({
  ladder,
  schema,
}: {
  ladder: readonly { models: readonly string[] }[];
  schema: z.ZodObject;
}): string[] {
  if (!ladder.some(isDecisionStep)) return [];
  const lastDecision = ladder.findLastIndex(isDecisionStep);
  return [
    ...(ladder.some((step) => isDecisionStep(step) && step.models.length > 1)
      ? [`a step of ${DECISION_MODEL} has no other model; give the other one a step of its own`]
      : []),
    ...(ladder.slice(0, lastDecision).every(isDecisionStep)
      ? []
      : [`${DECISION_MODEL} is the cheapest: its steps stand before all others`]),
    ...closedForm(schema).problems,
  ];
}

/** The name of the question about a field, or about one value of a list. */
export const questionName = (path: readonly string[], value?: ChoiceValue): string =>
  value === undefined ? path.join('.') : `${path.join('.')}: ${String(value)}`;

interface Found {
  fields: ClosedField[];
  /** Fields that a text or a number is the answer to, with their kind. */
  open: string[];
  problems: string[];
}

/** It is filled with the probability of the answer, whoever asks for it. */
const isConfidence = ({ name, shape }: FieldShape): boolean =>
  name === 'confidence' && (shape.kind === 'number' || shape.kind === 'integer');

/** Whether every probability fits, and means what it says. */
const holdsProbability = (shape: Shape): boolean =>
  shape.kind === 'number' &&
  (shape.minimum ?? 0) === 0 &&
  (shape.maximum ?? 1) === 1 &&
  [shape.exclusiveMinimum, shape.exclusiveMaximum, shape.multipleOf].every((bound) => bound === undefined);

function collect({ fields }: ObjectShape, path: readonly string[], parents: string, found: Found): void {
  for (const field of fields) {
    if (path.length === 0 && isConfidence(field)) {
      if (!holdsProbability(field.shape))
        found.problems.push(
          `confidence is filled with a probability by ${DECISION_MODEL}: it must be a number with min: 0 and max: 1`,
        );
      continue;
    }
    const here = [...path, field.name];
    const { description } = field.shape;
    const ask = `${parents}${field.name}${description === undefined ? '' : ` (${description})`}`;
    closeField(field, here, ask, found);
  }
}

function closeField(
  { shape, required }: FieldShape,
  path: readonly string[],
  ask: string,
  found: Found,
): void {
  const base = { path, ask };
  const maySkip = shape.nullable === true || !required;
  const options = (values: readonly ChoiceValue[]): void =>
    addChoice(base, values, shape.nullable ? { value: null } : required ? undefined : {}, found);
  switch (shape.kind) {
    case 'boolean':
      if (maySkip) options([true, false]);
      else found.fields.push({ ...base, kind: 'yes-no' });
      break;
    case 'choice':
      options(shape.values);
      break;
    case 'integer':
    case 'number': {
      const scale = scaleOf(shape);
      if (!scale) found.open.push(`${path.join('.')} (${shape.kind})`);
      else if (maySkip) options(Array.from({ length: scale.levels }, (_, i) => scale.least + i));
      else found.fields.push({ ...base, kind: 'scale', ...scale });
      break;
    }
    case 'list':
      if (maySkip)
        found.problems.push(
          `${path.join('.')} may be null or missing, but ${DECISION_MODEL} is asked of each value whether it is there: let it be required and not nullable; an empty list says that there is none`,
        );
      addList(base, shape, found);
      break;
    case 'object':
      if (maySkip)
        found.problems.push(
          `${path.join('.')} may be missing as a whole, which ${DECISION_MODEL} is not asked; let its fields be nullable instead`,
        );
      else collect(shape, path, `${ask} > `, found);
      break;
    default:
      found.open.push(`${path.join('.')} (${shape.kind})`);
  }
}

type Base = Pick<ClosedField, 'path' | 'ask'>;

function addChoice(
  base: Base,
  values: readonly ChoiceValue[],
  unseen: { value?: null } | undefined,
  found: Found,
): void {
  const [only] = values;
  if (values.length === 1 && only !== undefined && !unseen) {
    found.fields.push({ ...base, kind: 'fixed', value: only });
    return;
  }
  const options: ClosedOption[] = [
    ...values.map((value) => ({ id: String(value), value })),
    ...(unseen ? [{ id: NOT_SEEN, ...unseen }] : []),
  ];
  const name = base.path.join('.');
  const ids = options.map(({ id }) => id);
  const unfit = ids.find((id) => !isName(id)) ?? ids.find((id, i) => ids.indexOf(id) !== i);
  if (unfit !== undefined)
    found.problems.push(
      `${name}: ${JSON.stringify(unfit)} cannot be an option of ${DECISION_MODEL}; options are different texts without white space around them, and "${NOT_SEEN}" stands for what is not there`,
    );
  else if (options.length > MAX_OPTIONS)
    found.problems.push(
      `${name} has ${options.length} values; ${DECISION_MODEL} takes at most ${MAX_OPTIONS}`,
    );
  else found.fields.push({ ...base, kind: 'one-of', options });
}

function addList(base: Base, { items, uniqueItems }: ListShape, found: Found): void {
  const name = base.path.join('.');
  if (items.kind !== 'choice') found.open.push(`${name} (list of ${kindOf(items)})`);
  else if (uniqueItems) found.fields.push({ ...base, kind: 'any-of', values: items.values });
  else
    found.problems.push(
      `${name} needs unique: true: ${DECISION_MODEL} says of each value whether it is there, not how often`,
    );
}

const kindOf = ({ kind }: Shape): string => (kind === 'text' ? 'texts' : `${kind}s`);

/** Undefined for what is no scale of a few whole numbers. */
function scaleOf(shape: NumberShape): { least: number; levels: number } | undefined {
  const { kind, minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = shape;
  const isPlain = (multipleOf ?? 1) === 1 && exclusiveMinimum === undefined && exclusiveMaximum === undefined;
  if (kind !== 'integer' || !isPlain || minimum === undefined || maximum === undefined) return undefined;
  const least = Math.ceil(minimum);
  const levels = Math.floor(maximum) - least + 1;
  return levels >= 2 && levels <= MAX_LEVELS ? { least, levels } : undefined;
}

/** Names of options: not empty, without control characters, without white space around them. */
const isName = (id: string): boolean => id !== '' && id === id.trim() && !/\p{Cc}/u.test(id);

function problemsOf({ fields, open, problems }: Found): string[] {
  const names = fields.flatMap(({ path, ...field }) =>
    field.kind === 'any-of'
      ? field.values.map((value) => questionName(path, value))
      : field.kind === 'fixed'
        ? []
        : [questionName(path)],
  );
  // Probabilities stand under the paths of their fields, each as one name.
  const unfit = fields.map(({ path }) => questionName(path)).find((path) => !isKey(path));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  return [
    ...(open.length > 0
      ? [
          `${DECISION_MODEL} cannot answer ${open.join(', ')}: it chooses among values that are known beforehand (enum, boolean, a list of enum values with unique: true, an integer of 2 to ${MAX_LEVELS} levels); take the fields out, or the step out of the ladder`,
        ]
      : []),
    ...problems,
    ...(unfit === undefined
      ? []
      : [
          `Firestore takes no probability of ${unfit}, which begins and ends with two underscores or is too long; rename a field of it`,
        ]),
    ...(twice === undefined
      ? []
      : [`two questions to ${DECISION_MODEL} would be called ${twice}; rename a field`]),
    ...(names.length > MAX_QUESTIONS
      ? [`${names.length} questions are more than the ${MAX_QUESTIONS} that ${DECISION_MODEL} takes at once`]
      : []),
    ...(names.length === 0 && open.length + problems.length === 0
      ? [`there is nothing to ask ${DECISION_MODEL}; give the profile a field with an enum, or a boolean`]
      : []),
  ];
}
