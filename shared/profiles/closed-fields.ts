import { DECISION_MODEL } from './decision-step.ts';
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

/** Of a choice and of a scale (types of `@google/genai` 3.3.0, CreateDecisionRequest). */
const MAX_OPTIONS = 255;
/** 0 to 10 is a scale; what has more levels is counted or measured, which the model is not made for. */
export const MAX_LEVELS = 11;

/** What stands for null, and for a field that is left out: probabilities are of the options alone. */
const NOT_SEEN = 'cannot be seen';

/** What a schema has for the decision model. */
export interface Found {
  fields: ClosedField[];
  /** Fields that a text or a number is the answer to, with their kind. */
  open: string[];
  problems: string[];
}

/** It is filled with the probability of the answer, whoever asks for it. */
export const isConfidence = ({ name, shape }: FieldShape): boolean =>
  name === 'confidence' && (shape.kind === 'number' || shape.kind === 'integer');

/** Whether every probability fits, and means what it says. */
const holdsProbability = (shape: Shape): boolean =>
  shape.kind === 'number' &&
  (shape.minimum ?? 0) === 0 &&
  (shape.maximum ?? 1) === 1 &&
  [shape.exclusiveMinimum, shape.exclusiveMaximum, shape.multipleOf].every((bound) => bound === undefined);

/** Every field of a schema's shape, closed as far as it can be. */
export function closeFields(shape: Shape): Found {
  const found: Found = { fields: [], open: [], problems: [] };
  if (shape.kind === 'object') collect(shape, [], '', found);
  return found;
}

/** Adds the fields of an object; `parents` are the objects around it, in words. */
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
