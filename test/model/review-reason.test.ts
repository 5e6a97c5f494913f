import { describe, expect, it } from 'vitest';
import { reviewReason } from '../../shared/model/ladder.ts';
import { builtIn } from '../support/built-in.ts';

const described = { ...builtIn('describe'), minConfidence: 0.6 };

const climbed = (
  confidence: number | null,
  checks: { name: string; passed: boolean; reportsOnly?: boolean }[] = [],
) => ({
  answer: {},
  partial: false,
  served: 'standard' as const,
  model: {
    ...{ requested: 'a-model', version: 'a-model', step: 0, mediaResolution: 'MEDIUM' },
    confidence,
    checks,
  },
});

describe('a person is asked to look at an answer', () => {
  it('that the last step was not sure of', () => {
    expect(reviewReason(climbed(0.59), described)).toBe('unsure');
    expect(reviewReason(climbed(0.6), described)).toBeUndefined();
    expect(reviewReason(climbed(null), described)).toBeUndefined();
  });

  it('that breaks a check, unless the check only reports', () => {
    expect(reviewReason(climbed(0.9, [{ name: 'distinct', passed: false }]), described)).toBe('broken-check');
    expect(
      reviewReason(climbed(0.9, [{ name: 'distinct', passed: false, reportsOnly: true }]), described),
    ).toBeUndefined();
  });

  it('that was cut off', () => {
    expect(reviewReason({ ...climbed(0.9), partial: true }, described)).toBe('partial');
  });

  it('by chance, as often as the profile says', () => {
    const profile = { ...described, reviewShare: 0.25 };
    expect(reviewReason(climbed(0.9), profile, () => 0.249)).toBe('sample');
    expect(reviewReason(climbed(0.9), profile, () => 0.25)).toBeUndefined();
    expect(reviewReason(climbed(0.9), described, () => 0)).toBeUndefined();
  });
});
