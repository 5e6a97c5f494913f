/** What an axis counts: whole things, amounts, or milliseconds. */
export type Measure = 'count' | 'amount' | 'time';

/** 1, 2 and 5 times each power of ten. */
const decimal = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index).flatMap((power) =>
    // Read, not computed: 10 ** -5 * 2 is not 0.00002.
    [1, 2, 5].map((digit) => Number(`${digit}e${power}`)),
  );

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Distances between the marks of an axis, of which the smallest that leaves room for their labels is taken. */
export const AXIS_STEPS: Readonly<Record<Measure, number[]>> = {
  count: decimal(0, 6),
  amount: decimal(-9, 6),
  // As clocks count, so that no mark is 1.3 minutes.
  time: [
    ...decimal(0, 2),
    ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
    ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
    ...decimal(0, 3).map((hours) => hours * 60 * MINUTE),
  ],
};
