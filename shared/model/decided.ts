import type { ClosedField } from '../profiles/closed-fields.ts';
import { type ClosedForm, questionName } from '../profiles/closed-form.ts';
import type { ChoiceValue } from '../profiles/schema/shape.ts';
import { type DecisionAnswer, decisions } from './gemini/decisions.ts';
import { jsonOf } from './gemini/http.ts';
import type { ReplyEnd } from './request.ts';

/** A field of the answer and how likely it is right. */
interface DecidedField {
  path: readonly string[];
  /** Undefined where the field is left out. */
  value: ChoiceValue | null | undefined | readonly ChoiceValue[];
  probability: number;
}

/**
 * The reply to a profile's closed questions as an answer of its form. Its confidence is the probability that every field
 * is right, as if their errors had nothing to do with each other: cautious, because errors come together.
 */
export function decidedEnd(end: ReplyEnd, form: ClosedForm): ReplyEnd {
  if (end.kind !== 'answer') return end;
  const answers = decisions.safeParse(jsonOf(end.text)).data ?? {};
  const fields: DecidedField[] = [];
  for (const field of form.fields) {
    const decided = decide(field, answers);
    if (typeof decided === 'string') return { kind: 'unusable', reason: decided };
    fields.push(decided);
  }
  const confidence = round(product(fields));
  const answer: Tree = {};
  for (const { path, value } of fields) if (value !== undefined) put(answer, path, value);
  if (form.hasConfidence) answer['confidence'] = confidence;
  const asked = fields.filter((_, i) => form.fields[i]?.kind !== 'fixed');
  return {
    kind: 'answer',
    text: JSON.stringify(answer),
    confidence,
    probabilities: Object.fromEntries(
      asked.map(({ path, probability }) => [path.join('.'), round(probability)]),
    ),
  };
}

type Answers = Readonly<Record<string, DecisionAnswer>>;

/** Fields and options may be called as what every object has, such as `constructor`. */
const ownOf = <T>(all: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(all, name) ? all[name] : undefined;

/** The field, or what is wrong with what was said of it, never in words of the reply. */
function decide(field: ClosedField, answers: Answers): DecidedField | string {
  const { path } = field;
  const name = questionName(path);
  switch (field.kind) {
    case 'fixed':
      return { path, value: field.value, probability: 1 };
    case 'yes-no': {
      const yes = yesOf(answers, name);
      return yes === undefined ? missing(name) : { path, ...yes };
    }
    case 'any-of': {
      const values = field.values.map((value) => ({
        value,
        yes: yesOf(answers, questionName(path, value)),
      }));
      if (values.some(({ yes }) => yes === undefined)) return missing(name);
      return {
        path,
        value: values.filter(({ yes }) => yes?.value).map(({ value }) => value),
        probability: product(values.flatMap(({ yes }) => yes ?? [])),
      };
    }
    case 'one-of': {
      const given = ownOf(answers, name);
      if (given?.type !== 'choice') return missing(name);
      const ids = field.options.map(({ id }) => id);
      const winner = likeliest(given.probabilities, ids);
      const chosen = field.options[ids.indexOf(given.choice)];
      if (!winner || !chosen) return `${name}: it chose what is no option`;
      if ((ownOf(given.probabilities, given.choice) ?? 0) < winner.probability)
        return `${name}: it chose one option and held another one for likelier`;
      return { path, value: chosen.value, probability: winner.probability };
    }
    case 'scale': {
      const given = ownOf(answers, name);
      if (given?.type !== 'score') return missing(name);
      const levels = Array.from({ length: field.levels }, (_, i) => String(i));
      const winner = likeliest(given.probabilities, levels);
      if (!winner) return `${name}: it chose what is no level`;
      return { path, value: field.least + Number(winner.id), probability: winner.probability };
    }
  }
}

const missing = (name: string): string => `${name}: it gave no answer`;

function yesOf(answers: Answers, name: string): { value: boolean; probability: number } | undefined {
  const given = ownOf(answers, name);
  if (given?.type !== 'noul') return undefined;
  return { value: given.noul >= 0.5, probability: Math.max(given.noul, 1 - given.noul) };
}

/** Undefined where something else than the options has a probability, or nothing has. */
function likeliest(
  probabilities: Readonly<Record<string, number>>,
  ids: readonly string[],
): { id: string; probability: number } | undefined {
  const known = Object.entries(probabilities).filter(([id]) => ids.includes(id));
  if (known.length < Object.keys(probabilities).length) return undefined;
  const [winner] = known.toSorted(([, a], [, b]) => b - a);
  return winner && { id: winner[0], probability: winner[1] };
}

const product = (all: readonly { probability: number }[]): number =>
  all.reduce((sum, { probability }) => sum * probability, 1);

/** Four digits say more than a calibration can. */
const round = (probability: number): number => Math.round(probability * 10_000) / 10_000;

interface Tree {
  [name: string]: unknown;
}

function put(tree: Tree, [name, ...rest]: readonly string[], value: unknown): void {
  if (name === undefined) return;
  if (rest.length === 0) {
    tree[name] = value;
    return;
  }
  const inner = (ownOf(tree, name) ?? {}) as Tree;
  tree[name] = inner;
  put(inner, rest, value);
}
