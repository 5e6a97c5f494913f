import { PipelineError } from '../base/errors/pipeline-error.ts';
import type { Profile } from '../profiles/define.ts';
import { compileZod } from '../profiles/schema/compile.ts';
import { readingsOf, salvageJson } from './json-text.ts';
import { issueText, repairText } from './prompt.ts';
import { endsInEvidence, type ReadEvidence, readEvidence, splitEvidence } from './read-boxes.ts';
import type { ReplyEnd } from './request.ts';

export type Answer = Record<string, unknown>;

/** What one reply is worth. */
export type Verdict =
  | {
      kind: 'valid';
      answer: Answer;
      confidence: number | null;
      /** How likely each field is right, by path, where the reply says so. */
      probabilities?: Readonly<Record<string, number>>;
      partial: boolean;
      /** Paths of the values that were spelled in another way, such as a number as text. */
      respelled: readonly string[];
      /** Where its values were read, where the profile asks for that and the reply says so. */
      evidence?: ReadEvidence;
    }
  /** Worth asking once more with the issues. */
  | { kind: 'repairable'; given: string; issues: string; failure: PipelineError }
  | { kind: 'failed'; outcome: string; failure: PipelineError };

/** Holds a reply against the profile's schema. */
export function judge(end: ReplyEnd, profile: Profile, model: string): Verdict {
  switch (end.kind) {
    case 'answer':
      return stated(judgeText(end.text, profile, model), end);
    case 'unusable':
      return failed('invalid', new PipelineError('MODEL_INVALID_ANSWER', wrongForm(model, end.reason)));
    case 'cut-off':
      return judgeCutOff(end.text, profile, model);
    case 'blocked':
      return failed(
        'blocked',
        new PipelineError('MODEL_BLOCKED', `${model} refused the picture: ${end.reason}.`),
      );
    case 'recitation':
      return failed(
        'recitation',
        new PipelineError(
          'MODEL_RECITATION',
          `${model} stopped with ${end.reason}: it repeated a known text.`,
        ),
      );
    case 'declined':
      return failed('declined', new PipelineError('MODEL_DECLINED', `${model} declined: ${end.reason}.`));
    case 'empty':
      return failed('empty', new PipelineError('MODEL_EMPTY_ANSWER', `${model} answered nothing.`));
    case 'odd-finish':
      return failed(
        'odd-finish',
        new PipelineError('MODEL_ODD_FINISH', `${model} stopped with ${end.reason}.`),
      );
  }
}

const wrongForm = (model: string, what: string): string =>
  `${model} gave an answer of the wrong form: ${what}.`;

/** What the reply itself says of its answer counts before what the answer says. */
const stated = (
  verdict: Verdict,
  { confidence, probabilities }: { confidence?: number; probabilities?: Readonly<Record<string, number>> },
): Verdict =>
  verdict.kind === 'valid' && confidence !== undefined
    ? { ...verdict, confidence, ...(probabilities ? { probabilities } : {}) }
    : verdict;

const failed = (outcome: string, failure: PipelineError): Verdict => ({ kind: 'failed', outcome, failure });

/** An answer with words around it is read all the same: asked again, it would be paid for again. */
function judgeText(text: string, profile: Profile, model: string): Verdict {
  const readings = readingsOf(text);
  const [answer, ...others] = validOnes(readings, profile);
  if (answer && others.length === 0) return valid(answer, false);
  const { issues, what } = objection(readings, others.length + 1, profile);
  return {
    kind: 'repairable',
    given: text,
    issues,
    failure: new PipelineError('MODEL_INVALID_ANSWER', wrongForm(model, what)),
  };
}

interface Reading {
  answer: Answer;
  respelled: readonly string[];
  evidence?: ReadEvidence;
}

type Read =
  | (Reading & { success: true })
  | Exclude<ReturnType<ReturnType<typeof compileZod>['read']>, { success: true }>;

/** Holds a reading to the schema; boxes beside the answer are no part of it, whatever they are. */
function readAnswer(reading: unknown, { schema, evidence }: Profile): Read {
  const { answer, given } = evidence === undefined ? { answer: reading } : splitEvidence(reading);
  const read = compileZod(schema).read(answer);
  if (!read.success) return read;
  const { data, respelled } = read;
  return {
    ...{ success: true, answer: data, respelled },
    ...(given === undefined ? {} : { evidence: readEvidence(given, data) }),
  };
}

/**
 * What the profile's schema makes of the readings it takes; those that say the same count once. Readings whose spelling
 * differs count only where none fits as it is: they spare a second call, they do not contradict the first one.
 */
function validOnes(readings: readonly unknown[], profile: Profile): Reading[] {
  const byText = new Map<string, Reading>();
  for (const reading of readings) {
    const read = readAnswer(reading, profile);
    if (!read.success) continue;
    const key = JSON.stringify(read.answer);
    // The same answer again may have come without its boxes.
    if (!byText.get(key)?.evidence?.boxes.length) byText.set(key, read);
  }
  const all = [...byText.values()];
  const exact = all.filter(({ respelled }) => respelled.length === 0);
  return exact.length > 0 ? exact : all;
}

/** What is wrong with an answer, for the model and for people. */
function objection(
  readings: readonly unknown[],
  validCount: number,
  profile: Profile,
): { issues: string; what: string } {
  if (readings.length === 0)
    return { issues: 'That answer is not JSON. Answer again with the JSON only.', what: 'it is not JSON' };
  // What is in a list says more than that it is one.
  const object = readings.find((reading) => !Array.isArray(reading)) ?? readings[0];
  const read = readAnswer(object, profile);
  if (read.success)
    return {
      issues: `That answer holds ${validCount} objects that differ. Answer again with one of them only.`,
      what: `it holds ${validCount} objects that differ`,
    };
  return { issues: repairText(read.issues), what: issueText(read.issues) };
}

function judgeCutOff(text: string, profile: Profile, model: string): Verdict {
  // The object may have been whole before the limit came.
  const [whole, ...others] = validOnes(readingsOf(text), profile);
  if (whole && others.length === 0) return valid(whole, false);
  const salvaged = salvageJson(text);
  // confidence comes last in our schemas and is lost first: none given means none had, which makes the ladder climb.
  const unsure = typeof salvaged === 'object' ? [{ confidence: 0, ...salvaged }] : [];
  for (const reading of [salvaged, ...unsure]) {
    const read = readAnswer(reading, profile);
    const isWhole = reading === salvaged && profile.evidence !== undefined && endsInEvidence(reading);
    if (read.success) return valid(read, !isWhole);
  }
  return failed(
    'cut-off',
    new PipelineError('MODEL_CUT_OFF', `${model} was cut off at the step's maxOutputTokens.`),
  );
}

function valid({ answer, respelled, evidence }: Reading, partial: boolean): Verdict {
  const confidence = answer['confidence'];
  return {
    kind: 'valid',
    answer,
    confidence: typeof confidence === 'number' ? confidence : null,
    partial,
    respelled,
    ...(evidence ? { evidence } : {}),
  };
}
