import { describe, expect, it } from 'vitest';
import { calibrationOf } from '../../evaluation/calibration.ts';
import { confusionsOf, fieldFigures } from '../../evaluation/fields.ts';
import { intervalOf } from '../../evaluation/interval.ts';
import { paretoFront, variantFigures } from '../../evaluation/report.ts';
import { variantsOf } from '../../evaluation/variants.ts';
import { seededRandom } from '../../shared/base/seeded-random.ts';
import { madeScore, stepOf, variantOf } from './made.ts';

const small = variantOf('small');

describe('the figures of a variant', () => {
  it('keep documents without an answer in every denominator', () => {
    const all = [
      madeScore(small.id, 'a', {}),
      madeScore(small.id, 'b', { code: 'MODEL_INVALID_ANSWER' }),
      madeScore(small.id, 'c', { code: 'MODEL_BLOCKED' }),
      madeScore(small.id, 'd', { value: 'other' }),
    ];
    const figures = variantFigures(small, all, 0.9);
    expect(figures).toMatchObject({
      questions: 4,
      answered: 2,
      invalid: 1,
      failed: 1,
      failures: { MODEL_INVALID_ANSWER: 1, MODEL_BLOCKED: 1 },
      usdPer1000: 1,
    });
    expect(figures.score.mean).toBe(0.25);
    expect(figures.exactDocuments.mean).toBe(0.25);
    expect(figures.fields).toEqual([
      {
        ...{ field: 'value', support: 4, given: 2, precision: 0.5, recall: 0.25 },
        ...{ f1: 1 / 3, exact: 0.25, normalized: 0.25, stated: null },
      },
    ]);
  });

  it('tell exact from compared, and an empty field from a missing figure', () => {
    const [field] = fieldFigures([
      madeScore('v', 'a', { value: 'RIGHT' }),
      madeScore('v', 'b', { value: 'right' }),
    ]);
    expect(field).toMatchObject({ exact: 0.5, normalized: 1, f1: 1 });
  });

  it('name the most frequent errors with pictures', () => {
    const all = ['a', 'b', 'c'].map((label) =>
      madeScore('v', label, { value: label === 'c' ? null : 'rigth' }),
    );
    expect(confusionsOf(all, 5)).toEqual([
      { field: 'value', expected: 'right', given: 'rigth', count: 2, labels: ['a', 'b'] },
      { field: 'value', expected: 'right', given: null, count: 1, labels: ['c'] },
    ]);
  });

  it('give the median and the slow end of the times', () => {
    const all = Array.from({ length: 100 }, (_, i) => madeScore(small.id, `${i}`, { latencyMs: i + 1 }));
    expect(variantFigures(small, all, 0.9).latencyMs).toEqual({ p50: 50, p95: 95 });
  });
});

describe('the interval of a mean', () => {
  it('is the same for the same documents, and holds the mean', () => {
    const values = Array.from({ length: 60 }, (_, i) => (i % 5 === 0 ? 0 : 1));
    const interval = intervalOf(values);
    expect(intervalOf(values)).toEqual(interval);
    expect(interval.mean).toBe(0.8);
    expect(interval.low).toBeGreaterThan(0.65);
    expect(interval.low).toBeLessThan(0.75);
    expect(interval.high).toBeLessThan(0.95);
  });

  it('holds the truth in about 95 of 100 samples', () => {
    const random = seededRandom(3);
    const holds = Array.from({ length: 300 }, () => {
      const { low, high } = intervalOf(Array.from({ length: 80 }, () => (random() < 0.7 ? 1 : 0)));
      return low <= 0.7 && 0.7 <= high;
    }).filter(Boolean).length;
    expect(holds / 300).toBeGreaterThan(0.9);
    expect(holds / 300).toBeLessThan(0.99);
  });
});

describe('the interval of documents that are all right', () => {
  it('says that a few of them prove little', () => {
    expect(intervalOf([1, 1, 1, 1, 1, 1, 1, 1, 1, 1]).low).toBeCloseTo(0.69, 2);
    expect(intervalOf(Array.from({ length: 200 }, () => 1)).low).toBeGreaterThan(0.98);
  });
});

describe('the calibration', () => {
  const sure = (count: number, confidence: number, right: number) =>
    Array.from({ length: count }, (_, i) =>
      madeScore('v', `${confidence} ${i}`, { confidence, value: i < right ? 'right' : 'wrong' }),
    );

  it('holds what is stated against what is right, and finds the confidence that gives a wanted precision', () => {
    const calibration = calibrationOf([...sure(10, 0.95, 10), ...sure(10, 0.65, 5)], 0.98);
    expect(calibration?.rows).toEqual([
      { from: 0.6, to: 0.7, answers: 10, stated: expect.closeTo(0.65), right: 0.5 },
      { from: 0.9, to: 1, answers: 10, stated: expect.closeTo(0.95), right: 1 },
    ]);
    expect(calibration?.ece).toBeCloseTo((0.15 + 0.05) / 2);
    expect(calibration?.threshold).toEqual({ minConfidence: 0.95, kept: 0.5, right: 1 });
  });

  it('says when no confidence is enough, and nothing where none is stated', () => {
    expect(calibrationOf(sure(10, 0.9, 5), 0.98)?.threshold).toBeNull();
    expect(calibrationOf([madeScore('v', 'a', { confidence: null })], 0.98)).toBeUndefined();
  });
});

describe('the front', () => {
  const at = (usdPer1000: number, mean: number) => ({ usdPer1000, score: { mean, low: mean, high: mean } });

  it('has what nothing else beats in accuracy and price', () => {
    const [cheap, good, beaten] = [at(1, 0.8), at(3, 0.95), at(3, 0.9)];
    expect(paretoFront([beaten, good, cheap])).toEqual([cheap, good]);
  });
});

describe('the variants', () => {
  const ladder = [stepOf('small', 'MEDIUM'), { ...stepOf('large', 'HIGH'), thinkingLevel: 'low' }] as const;
  const profile = { ladder, maxSide: 2048 };

  it('are the steps of the ladder unless something is named', () => {
    expect(variantsOf(profile, {}).map(({ id }) => id)).toEqual([
      'small MEDIUM 2048 standard',
      'large HIGH 2048 standard low',
    ]);
  });

  it('let a model that the ladder does not have think where it cannot do without', () => {
    const [lite, flash] = variantsOf(profile, {
      models: ['gemini-3.1-flash-lite', 'gemini-4-hydrogen'],
      resolutions: ['HIGH'],
    });
    expect(lite?.step).toMatchObject({ thinkingLevel: 'minimal', maxOutputTokens: 512 });
    expect(flash?.step).toMatchObject({ thinkingLevel: 'low', maxOutputTokens: 8_192 });
  });

  it('are every combination of what is named, thinking as the ladder does with the model', () => {
    expect(
      variantsOf(profile, { resolutions: ['LOW', 'HIGH'], sides: [1024], lanes: ['standard', 'flex'] }).map(
        ({ id }) => id,
      ),
    ).toEqual([
      'small LOW 1024 standard',
      'small HIGH 1024 standard',
      'large LOW 1024 standard low',
      'large HIGH 1024 standard low',
      'small LOW 1024 flex',
      'small HIGH 1024 flex',
      'large LOW 1024 flex low',
      'large HIGH 1024 flex low',
    ]);
  });
});
