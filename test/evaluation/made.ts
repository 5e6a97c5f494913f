import type { AnswerForm } from '../../evaluation/cells.ts';
import { type Ending, type Outcome, type Scored, scored } from '../../evaluation/outcomes.ts';
import type { Variant } from '../../evaluation/variants.ts';
import type { LadderStep } from '../../shared/profiles/define.ts';
import { readProfileText } from '../../shared/profiles/file/read-profile.ts';
import { compileZod } from '../../shared/profiles/schema/compile.ts';

const read = readProfileText(
  'plain',
  'prompt: Read it.\nfields:\n  value: { nullable: true }\n  confidence: { type: number, min: 0, max: 1 }\n',
);
if ('problems' in read) throw new Error('the profile of the tests is broken');

/** One field and the model's confidence. */
export const PLAIN = read.profile;
export const PLAIN_FORM: AnswerForm = { shape: compileZod(PLAIN.schema).shape, comparators: {} };

export const stepOf = (
  model: string,
  mediaResolution: LadderStep['mediaResolution'] = 'LOW',
): LadderStep => ({
  models: [model],
  mediaResolution,
  thinkingLevel: 'minimal',
  maxOutputTokens: 512,
});

export const variantOf = (
  model: string,
  mediaResolution: LadderStep['mediaResolution'] = 'LOW',
): Variant => ({
  id: `${model} ${mediaResolution} 1024 standard`,
  step: stepOf(model, mediaResolution),
  maxSide: 1024,
  lane: 'standard',
});

interface Given {
  value?: string | null;
  confidence?: number | null;
  checks?: { name: string; passed: boolean }[];
  /** A failure code instead of an answer. */
  code?: string;
  costUsd?: number;
  repeat?: number;
  latencyMs?: number;
}

export function outcomeOf(variant: string, label: string, given: Given): Outcome {
  const { value = 'right', confidence = 0.9, checks = [], code, costUsd = 0.001 } = given;
  const ending: Ending =
    code === undefined
      ? {
          kind: 'answered',
          answer: { value, ...(confidence === null ? {} : { confidence }) },
          partial: false,
          confidence,
          checks,
          version: variant.split(' ')[0] ?? '',
          served: 'standard',
        }
      : { kind: 'failed', code, message: code };
  return {
    ...{ variant, label, repeat: given.repeat ?? 0, ending, costUsd, latencyMs: given.latencyMs ?? 100 },
    ...{ tokens: null, calls: 1 },
  };
}

/** Every label says that the value is `right`. */
export const madeScore = (variant: string, label: string, given: Given): Scored =>
  scored(outcomeOf(variant, label, given), { name: label, answer: { value: 'right' } }, PLAIN_FORM);
