import { describe, expect, it } from 'vitest';
import type { Scored } from '../../evaluation/outcomes.ts';
import { replay } from '../../evaluation/replay.ts';
import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import { seededRandom } from '../../shared/base/seeded-random.ts';
import { climb } from '../../shared/model/ladder.ts';
import { composePrompt } from '../../shared/model/prompt.ts';
import type { AskModel } from '../../shared/model/request.ts';
import { agreeing, type Check } from '../../shared/profiles/checks.ts';
import type { LadderStep, Profile } from '../../shared/profiles/define.ts';
import { madeScore, PLAIN, stepOf } from './made.ts';

/** A check whose outcome is in the answer: it begins with a capital letter. */
const capital: Check = {
  name: 'capital',
  passes: ({ value }) => typeof value === 'string' && /^[A-Z]/.test(value),
};
const CHECKS = [capital, agreeing('value')];
const VALUES = ['right', 'Right', 'wrong', 'Wrong'] as const;
const FAILURES = [
  'MODEL_INVALID_ANSWER',
  'MODEL_BLOCKED',
  'MODEL_CUT_OFF',
  'MODEL_RECITATION',
  'MODEL_OVERLOADED',
  'MODEL_EMPTY_ANSWER',
] as const;

interface Drawn {
  value: string;
  confidence: number;
  code?: (typeof FAILURES)[number];
}

function draw(random: () => number): Drawn {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  return {
    value: pick(VALUES),
    confidence: Math.round(random() * 10) / 10,
    ...(random() < 0.2 ? { code: pick(FAILURES) } : {}),
  };
}

/** The real ladder, over a model that repeats what is recorded of each step. */
async function climbed(
  profile: Profile,
  drawn: readonly Drawn[],
): Promise<{ value: unknown; calls: number }> {
  let calls = 0;
  const call: AskModel = async ({ step }) => {
    calls += 1;
    const one =
      drawn[profile.ladder.findIndex(({ mediaResolution }) => mediaResolution === step.mediaResolution)];
    if (!one || one.code !== undefined) throw new PipelineError(one?.code ?? 'UNKNOWN', 'as recorded');
    const text = JSON.stringify({ value: one.value, confidence: one.confidence });
    return { end: { kind: 'answer', text }, modelVersion: 'm', usage: null };
  };
  const charges = {
    at: () => ({ begin: () => Promise.reject(new Error('not asked')) }),
    judged: () => undefined,
  };
  const question = {
    profile,
    prompt: composePrompt(profile),
    image: { mimeType: '', base64: '' },
    call,
    charges,
  };
  try {
    const { answer } = await climb(question, new AbortController().signal);
    return { value: answer['value'], calls };
  } catch {
    return { value: undefined, calls };
  }
}

const RESOLUTIONS = ['LOW', 'MEDIUM', 'HIGH'] as const;

/** What an evaluation would have recorded of each step asked alone. */
const recorded = (steps: readonly LadderStep[], drawn: readonly Drawn[]): Scored[] =>
  drawn.map(({ value, confidence, code }, i) =>
    madeScore(`${steps[i]?.models[0]} ${i}`, 'a', {
      value,
      confidence,
      costUsd: 1,
      ...(code === undefined ? {} : { code }),
      checks: [
        { name: 'capital', passed: /^[A-Z]/.test(value) },
        // Alone, a step agrees with nobody.
        { name: 'agreeing value', passed: false },
      ],
    }),
  );

describe('a replayed ladder', () => {
  it('ends as the real one does, over 500 drawn recordings', async () => {
    const random = seededRandom(11);
    for (let i = 0; i < 500; i += 1) {
      const models = random() < 0.5 ? ['m1', 'm1', 'm2'] : ['m1', 'm2', 'm3'];
      const steps = RESOLUTIONS.map((resolution, at) => stepOf(models[at] ?? '', resolution));
      const drawn = steps.map(() => draw(random));
      const minConfidence = Math.round(random() * 10) / 10;
      const reporting = new Set(CHECKS.map(({ name }) => name).filter(() => random() < 0.5));
      const profile: Profile = {
        ...PLAIN,
        ladder: steps as unknown as Profile['ladder'],
        minConfidence,
        checks: CHECKS.map((check) => (reporting.has(check.name) ? { ...check, reportsOnly: true } : check)),
      };
      const real = await climbed(profile, drawn);
      const again = replay(recorded(steps, drawn), { minConfidence, reporting }, CHECKS);
      const told = JSON.stringify({ drawn, models, minConfidence, reporting: [...reporting] });
      expect(again.costUsd, told).toBe(real.calls);
      expect(again.isExact, told).toBe(String(real.value).toLowerCase() === 'right');
    }
  });
});
