import { describe, expect, it } from 'vitest';
import type { Scored } from '../../evaluation/outcomes.ts';
import { LEAST_LABELS, recommend } from '../../evaluation/recommend.ts';
import { seededRandom } from '../../shared/base/seeded-random.ts';
import { madeScore, variantOf } from './made.ts';

const [small, large] = [variantOf('small'), variantOf('large')];

/** A small model that is right in 80 % and knows when it is not, and a large one that is right in 96 % for ten times the price. */
function answers(count: number, seed = 2): Scored[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, i) => {
    const isRight = random() < 0.8;
    return [
      madeScore(small.id, `p${i}`, {
        value: isRight ? 'right' : 'wrong',
        confidence: isRight ? 0.9 : 0.3,
        costUsd: 0.001,
      }),
      madeScore(large.id, `p${i}`, { value: random() < 0.96 ? 'right' : 'wrong', costUsd: 0.01 }),
    ];
  }).flat();
}

describe('the recommended ladder', () => {
  it('climbs where the small model is unsure, and costs a third of asking the large one', () => {
    const found = recommend(answers(300), [large, small], [], 0.95);
    expect(found).toMatchObject({
      verdict: 'reached',
      agreed: true,
      labels: 300,
      ladder: { steps: [small.id, large.id], minConfidence: 0.9, maxSide: 1024, lane: 'standard' },
    });
    expect(found?.ladder.usdPer1000).toBeLessThan(4);
    expect(found?.ladder.answeredBy[0]).toBeGreaterThan(0.7);
    expect(found?.says).toMatch(/^Reaches 95.0 %: 9\d\.\d % on labels it was not chosen by \(/);
  });

  it('is the small model alone where that is enough', () => {
    expect(recommend(answers(300), [small, large], [], 0.75)?.ladder.steps).toEqual([small.id]);
  });

  it('says that nothing reaches the target, and names the best', () => {
    const found = recommend(answers(300), [small, large], [], 1);
    expect(found?.verdict).toBe('none');
    expect(found?.says).toMatch(/^Nothing that was tried reaches 100.0 %; the best gives 9\d/);
  });

  it('says when there are too few labels to know', () => {
    const found = recommend(answers(LEAST_LABELS - 1), [small, large], [], 0.95);
    expect(found?.verdict).toBe('too-few');
    expect(found?.says).toContain('label at least 30 pictures');
  });

  it('is not certain where the labels leave both possible', () => {
    const found = recommend(answers(60, 3), [large], [], 0.95);
    expect(found?.verdict).toBe('uncertain');
    expect(found?.says).toMatch(/^May reach 95.0 %/);
  });

  it('leaves out a check that makes right answers climb for nothing', () => {
    const check = { name: 'nonsense', passes: () => true };
    const nonsense = answers(200).map((one, i) => ({
      ...one,
      ending:
        one.ending.kind === 'answered'
          ? { ...one.ending, checks: [{ name: 'nonsense', passed: i % 4 < 2 }] }
          : one.ending,
    }));
    expect(recommend(nonsense, [small, large], [check], 0.95)?.ladder.climbing).toEqual([]);
  });

  it('climbs by a check that finds what the small model does not know of itself', () => {
    const check = { name: 'telling', passes: () => true };
    const told = answers(300).map((one) => {
      const { variant, ending, score } = one;
      if (variant !== small.id || ending.kind !== 'answered') return one;
      const passed = score === 1;
      return { ...one, ending: { ...ending, confidence: 0.9, checks: [{ name: 'telling', passed }] } };
    });
    const { ladder, verdict } = recommend(told, [small, large], [check], 0.95) ?? {};
    expect(verdict).toBe('reached');
    expect(ladder).toMatchObject({ steps: [small.id, large.id], climbing: ['telling'] });
    expect(ladder?.usdPer1000).toBeLessThan(4);
    const untold = told.map((one) => ({
      ...one,
      ending: one.ending.kind === 'answered' ? { ...one.ending, checks: [] } : one.ending,
    }));
    expect(recommend(untold, [small, large], [], 0.95)?.ladder.usdPer1000).toBeGreaterThan(9);
  });

  it('has nothing to say without answers', () => {
    expect(recommend([], [small], [], 0.9)).toBeUndefined();
  });
});
