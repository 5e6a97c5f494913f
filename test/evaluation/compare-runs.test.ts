import { describe, expect, it } from 'vitest';
import { compareRuns } from '../../evaluation/compare-runs.ts';
import { type Evaluation, evaluate } from '../../evaluation/evaluation.ts';
import { outcomeOf, PLAIN, PLAIN_FORM, variantOf } from './made.ts';

const small = variantOf('small');
const labels = Array.from({ length: 20 }, (_, i) => ({ name: `p${i}`, answer: { value: 'right' } }));

/** A run in which these pictures were misread. */
const run = (wrong: readonly string[], variants = [small]): Evaluation =>
  evaluate({
    profile: PLAIN,
    form: PLAIN_FORM,
    labels,
    variants,
    outcomes: labels.map(({ name }) =>
      outcomeOf(small.id, name, { value: wrong.includes(name) ? 'wrong' : 'right' }),
    ),
    ...{ repeats: 1, target: 0.9, answeredBy: 'a test', isBilled: false, atMs: 0 },
  });

describe('two runs', () => {
  it('differ by the figures that fell by more than is allowed, and by the cells that made them fall', () => {
    expect(compareRuns(run(['p1']), run(['p1', 'p2']), 0.01)).toEqual({
      worse: [
        { variant: small.id, figure: 'score', before: 0.95, now: 0.9 },
        { variant: small.id, figure: 'all right', before: 0.95, now: 0.9 },
        { variant: small.id, figure: 'value', before: 0.95, now: 0.9 },
      ],
      cells: [{ variant: small.id, label: 'p2', at: 'value', expected: 'right', given: 'wrong' }],
      missing: [],
    });
  });

  it('are as good as each other within what is allowed', () => {
    expect(compareRuns(run(['p1']), run(['p2']), 0).worse).toEqual([]);
    expect(compareRuns(run(['p1']), run(['p1', 'p2']), 0.05).worse).toEqual([]);
    expect(compareRuns(run(['p1']), run([]), 0).worse).toEqual([]);
  });

  it('cannot be compared where a variant was not asked', () => {
    expect(compareRuns(run([]), run([], [variantOf('large')]), 0).missing).toEqual([small.id]);
  });
});
