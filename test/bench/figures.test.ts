import { describe, expect, it } from 'vitest';
import { changes, changesToText } from '../../bench/against.ts';
import { atLeast, atMost, figure, median, percentile, type Report, report } from '../../bench/report.ts';

const run = (name: string, value: number): Report =>
  report('one', { short: true, progress: () => undefined }, [figure(name, value, 'ms')]);

const runs = (...values: number[]): Report[] => values.map((value) => run('time', value));

describe('the figures of a benchmark', () => {
  it('are nearest-rank percentiles, which are always values that were measured', () => {
    expect(percentile([5, 1, 4, 2, 3], 50)).toBe(3);
    expect(percentile([1, 2, 3, 4], 50)).toBe(2);
    expect(percentile([10, 20], 95)).toBe(20);
    expect(median([7])).toBe(7);
    expect(percentile([], 50)).toBeNaN();
  });

  it('meet a goal exactly at it', () => {
    expect(atMost('time', 250, 250, 'ms').met).toBe(true);
    expect(atMost('time', 250.1, 250, 'ms').met).toBe(false);
    expect(atLeast('rate', 10, 10, '/s').met).toBe(true);
    expect(atLeast('rate', 9.999, 10, '/s').met).toBe(false);
  });

  it('miss a goal when nothing could be measured', () => {
    expect(atMost('time', Number.NaN, 250, 'ms').met).toBe(false);
  });
});

describe('a comparison of two versions', () => {
  it('tells a change when no run of one lies among those of the other', () => {
    const [change] = changes(runs(10, 11, 10, 12), runs(7, 8, 8, 7));
    expect(change).toMatchObject({ before: 10, after: 7, beyondNoise: true });
  });

  it('calls it noise when the runs overlap', () => {
    expect(changes(runs(10, 11, 10, 12), runs(9, 8, 11, 7))[0]?.beyondNoise).toBe(false);
  });

  it('calls it noise when the difference is under two percent', () => {
    expect(changes(runs(100, 100, 100, 100), runs(101, 101, 101, 101))[0]?.beyondNoise).toBe(false);
  });

  it('leaves out what only one version has', () => {
    expect(changes([run('old', 1)], [run('new', 1)])).toEqual([]);
  });

  it('marks what is beyond noise and says by how much', () => {
    const text = changesToText('resize', 'v1', changes(runs(10, 10, 10, 10), runs(5, 5, 5, 5)));
    expect(text).toContain('* time  10 -> 5 ms (-50.0 %)');
  });
});
