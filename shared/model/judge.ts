import { PipelineError } from '../base/errors/pipeline-error.ts';
import type { Profile } from '../profiles/define.ts';
import { issueText, repairText } from './prompt.ts';
import type { ReplyEnd } from './request.ts';

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
/** The JSON inside a ```json fence, or the text itself. */
export function stripFences(text: string): string {
  const trimmed = text.trim();
  const fenced = /^```[a-z]*\s*\n?([\s\S]*?)\n?```$/i.exec(trimmed);
  return (fenced?.[1] ?? trimmed).trim();
}

/** The value of a JSON text, or undefined when it is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(stripFences(text));
  } catch {
    return undefined;
  }
}

/**
 * What can be saved of a JSON text that was cut off: the complete part of it, open lists and objects closed, a value
 * that was under way dropped. Undefined when nothing whole is left.
 */
export function salvageJson(text: string): unknown {
  const json = text.trim().replace(/^```[a-z]*\s*/i, '');
  const closers: string[] = [];
  let inString = false;
  /** Where the text could be cut, and what would close it there. */
  let best: { end: number; closers: string } | undefined;
  for (let i = 0; i < json.length; i += 1) {
    const char = json[i];
    if (inString) {
      if (char === '\\') i += 1;
      else if (char === '"') inString = false;
      continue;
    }
    if (char === '"') inString = true;
    else if (char === '{') closers.push('}');
    else if (char === '[') closers.push(']');
    else if (char === '}' || char === ']') {
      closers.pop();
      best = { end: i + 1, closers: closers.toReversed().join('') };
    } else if (char === ',') {
      best = { end: i, closers: closers.toReversed().join('') };
    }
  }
  return best && parseJson(json.slice(0, best.end) + best.closers);
}
