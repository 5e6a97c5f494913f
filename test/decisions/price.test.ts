import { describe, expect, it } from 'vitest';
import { expectedPrice } from '../../shared/money/profile-price.ts';
import { readProfileText } from '../../shared/profiles/file/read-profile.ts';
import { PARCEL } from './deciding.ts';

function priceOf(text: string): number {
  const read = readProfileText('parcel', text);
  if ('problems' in read) throw new Error(read.problems[0]?.text);
  return expectedPrice(read.profile, []) * 1_000;
}

describe('what 1,000 pictures are expected to cost', () => {
  it('is that of the decision where the ladder begins with one: input alone', () => {
    const decided = priceOf(PARCEL);
    expect(decided).toBeGreaterThan(0.05);
    expect(decided).toBeLessThan(0.1);
    expect(decided).toBeLessThan(priceOf(PARCEL.replace('decision', 'standard')) / 4);
  });

  it('is that of the lane of the profile', () => {
    const written = PARCEL.replace('decision', 'standard');
    expect(priceOf(`${written}lane: batch\n`)).toBeCloseTo(priceOf(written) / 2, 6);
    expect(priceOf(`${written}patience: 15m\n`)).toBeCloseTo(priceOf(written) / 2, 6);
  });
});
