import type { z } from 'zod';
import { type ClosedField, closeFields, type Found, isConfidence, MAX_LEVELS } from './closed-fields.ts';
import { DECISION_MODEL, isDecisionStep } from './decision-step.ts';
import { compileZod } from './schema/compile.ts';
import { isKey } from './schema/field-names.ts';
import type { ChoiceValue } from './schema/shape.ts';

/** An answer that consists of closed fields. */
export interface ClosedForm {
  fields: readonly ClosedField[];
  /** Whether the answer has a field for its confidence. */
  hasConfidence: boolean;
  /** Why it cannot be asked so, in sentences without their full stop. */
  problems: readonly string[];
}

/** In one request (types of `@google/genai` 3.3.0, CreateDecisionRequest). */
const MAX_QUESTIONS = 1_000;

const forms = new WeakMap<z.ZodObject, ClosedForm>();

/** The closed fields of a schema; worked out once. Never throws: `problems` says what is wrong. */
export function closedForm(schema: z.ZodObject): ClosedForm {
  const known = forms.get(schema);
  if (known) return known;
  const { shape } = compileZod(schema);
  const found = closeFields(shape);
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
