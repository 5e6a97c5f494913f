import { PipelineError } from '../../shared/errors/pipeline-error.ts';
import { parseJson, salvageJson } from '../../shared/gemini/answer-text.ts';
import type { ReplyEnd } from '../../shared/gemini/model.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { issueText, repairText } from './prompt.ts';

export type Answer = Record<string, unknown>;

/** What one reply is worth. */
export type Verdict =
  | { kind: 'valid'; answer: Answer; confidence: number | null; partial: boolean }
  /** Worth asking once more with the issues. */
  | { kind: 'repairable'; given: string; issues: string; failure: PipelineError }
  | { kind: 'failed'; outcome: string; failure: PipelineError };

/** Holds a reply against the profile's schema. */
export function judge(end: ReplyEnd, profile: Profile, model: string): Verdict {
  switch (end.kind) {
    case 'answer':
      return judgeText(end.text, profile, model);
    case 'cut-off':
      return judgeCutOff(end.text, profile, model);
    case 'blocked':
      return failed(
        'blocked',
        new PipelineError('MODEL_BLOCKED', `${model} refused the picture: ${end.reason}.`),
      );
    case 'empty':
      return failed('empty', new PipelineError('MODEL_EMPTY_ANSWER', `${model} answered nothing.`));
    case 'odd-finish':
      return failed(
        'odd-finish',
        new PipelineError('MODEL_ODD_FINISH', `${model} stopped with ${end.reason}.`),
      );
  }
}

const failed = (outcome: string, failure: PipelineError): Verdict => ({ kind: 'failed', outcome, failure });

function judgeText(text: string, profile: Profile, model: string): Verdict {
  const value = parseJson(text);
  const parsed = profile.schema.safeParse(value);
  if (parsed.success) return valid(parsed.data, false);
  const what = value === undefined ? 'it is not JSON' : issueText(parsed.error.issues);
  return {
    kind: 'repairable',
    given: text,
    issues:
      value === undefined
        ? 'That answer is not JSON. Answer again with the JSON only.'
        : repairText(parsed.error.issues),
    failure: new PipelineError('MODEL_INVALID_ANSWER', `${model} gave an answer of the wrong form: ${what}.`),
  };
}

function judgeCutOff(text: string, profile: Profile, model: string): Verdict {
  // confidence comes last in our schemas and is lost first: none given means none had, which makes the ladder climb.
  const salvaged = salvageJson(text);
  const parsed = profile.schema.safeParse(
    typeof salvaged === 'object' ? { confidence: 0, ...salvaged } : salvaged,
  );
  if (parsed.success) return valid(parsed.data, true);
  return failed(
    'cut-off',
    new PipelineError('MODEL_CUT_OFF', `${model} was cut off at the step's maxOutputTokens.`),
  );
}

function valid(answer: Answer, partial: boolean): Verdict {
  const confidence = answer['confidence'];
  return { kind: 'valid', answer, confidence: typeof confidence === 'number' ? confidence : null, partial };
}
