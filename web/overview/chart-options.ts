import uPlot from 'uplot';
import { AXIS_STEPS, type Measure } from './axis-steps.ts';

export interface Series {
  label: string;
  /** Name of a color of the style sheet: `--chart-<color>`. */
  color: string;
  kind: 'bars' | 'line';
  values: readonly (number | null)[];
}

const AXIS_WIDTH = 66;

interface Look {
  series: readonly Series[];
  show: (value: number) => string;
  showMoment: (seconds: number) => string;
  isStacked: boolean;
  isByDay: boolean;
  measure: Measure;
}

const DAY_SECONDS = 86_400;

/** How uPlot draws the series in the colors that hold at the element; a stack is drawn from its top down. */
export function optionsFor(
  element: Element,
  { series, show, showMoment, isStacked, isByDay, measure }: Look,
): Omit<uPlot.Options, 'width' | 'height'> {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const axis: uPlot.Axis = {
    stroke: color('muted'),
    font: `12px ${color('sans')}`,
    grid: { stroke: color('line'), width: 1 },
    ticks: { show: false },
  };
  const drawn = series.map((one) => seriesOf(one, color(`chart-${one.color}`)));
  return {
    legend: { show: false },
    cursor: { show: false },
    padding: [10, 20, 0, 0],
    ...(isByDay ? { tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), 'Etc/UTC') } : {}),
    scales: {
      ...(isByDay || isStacked ? { x: { range: withHalfBars } } : {}),
      y: { range: (_plot, _min, max) => [0, niceTop(max)] },
    },
    axes: [
      {
        ...axis,
        size: 30,
        grid: { show: false },
        values: (_plot, splits) => splits.map(showMoment),
        // Days begin at midnight in UTC, wherever the page is read.
        ...(isByDay ? { incrs: [DAY_SECONDS, 2 * DAY_SECONDS, 7 * DAY_SECONDS] } : {}),
      },
      {
        ...axis,
        size: AXIS_WIDTH,
        incrs: AXIS_STEPS[measure],
        values: (_plot, splits) =>
          splits.map((value) => (value === 0 ? '0' : value === null ? '' : show(value))),
      },
    ],
    series: [{}, ...(isStacked ? drawn.toReversed() : drawn)],
  };
}

const seriesOf = ({ label, kind }: Series, stroke: string): uPlot.Series => ({
  label,
  stroke,
  points: { show: kind === 'line', size: 4, fill: stroke },
  ...(kind === 'bars' ? { fill: stroke, width: 0, paths: barsPaths() } : { width: 2, spanGaps: true }),
});

function barsPaths(): uPlot.Series.PathBuilder {
  const builder = uPlot.paths.bars?.({ size: [0.72, 40], radius: 0.15 });
  if (!builder) throw new Error('This build of uPlot draws no bars.');
  return builder;
}

/** Room above the highest value, and a scale even where everything is 0. */
const niceTop = (max: number | null): number => (max ? max * 1.08 : 1);

/** The first and the last bar are drawn whole. */
const withHalfBars: uPlot.Range.Function = ({ data: [at] }, min, max) => {
  const half = ((at[1] ?? 0) - (at[0] ?? 0)) / 2;
  return [min - half, max + half];
};
