import { useEffect, useId, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { ScrollArea } from '../layout/scroll-area.tsx';
import type { Measure } from './axis-steps.ts';
import { optionsFor, type Series } from './chart-options.ts';

interface ChartProps {
  title: string;
  /** What it shows, in a sentence: heard instead of seen. */
  sentence: string;
  /** Seconds since 1970. */
  at: readonly number[];
  /** What the first column of the table is, and how a moment reads there. */
  moments: { name: string; show: (seconds: number) => string };
  series: readonly Series[];
  show: (value: number) => string;
  isStacked?: boolean;
  /** One bar per day in UTC instead of per minute. */
  isByDay?: boolean;
  measure: Measure;
  note?: string | undefined;
}

const HEIGHT = 180;

/** A drawing for the eye and, behind a button, its numbers as a table for everybody. */
export const Chart = (props: ChartProps) => {
  const [isTable, setIsTable] = useState(false);
  const id = useId();
  return (
    <section class="card pad chart" aria-labelledby={id}>
      <div class="chart-head">
        <h3 id={id}>{props.title}</h3>
        <ul class="legend" aria-hidden={isTable}>
          {props.series.map(({ label, color }) => (
            <li key={label}>
              <span class={`swatch ${color}`} aria-hidden="true" />
              {label}
            </li>
          ))}
        </ul>
        <button
          type="button"
          class="button small"
          aria-pressed={isTable}
          aria-label={`${props.title} as a table`}
          onClick={() => setIsTable(!isTable)}
        >
          Table
        </button>
      </div>
      {isTable ? <DataTable {...props} /> : <Drawing {...props} />}
      {props.note && <p class="hint">{props.note}</p>}
    </section>
  );
};

const Drawing = (props: ChartProps) => {
  const { at, moments, series, sentence, show, isStacked = false, isByDay = false, measure } = props;
  const element = useRef<HTMLDivElement>(null);
  const scheme = useScheme();
  const plot = useRef<uPlot | undefined>(undefined);
  const labels = series.map(({ label }) => label).join();

  useEffect(() => {
    const box = element.current;
    if (!box) return;
    const size = () => ({ width: box.clientWidth, height: HEIGHT });
    const look = { series, show, showMoment: moments.show, isStacked, isByDay, measure };
    const options = optionsFor(box, look);
    plot.current = new uPlot({ ...options, ...size() }, dataOf(at, series, isStacked), box);
    const resized = new ResizeObserver(() => plot.current?.setSize(size()));
    resized.observe(box);
    return () => {
      resized.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [scheme, labels, isStacked]);

  useEffect(() => plot.current?.setData(dataOf(at, series, isStacked)));

  return <div ref={element} class="drawing" role="img" aria-label={sentence} />;
};

/** uPlot draws what it is given: the lowest of a stack is drawn last, over the sums. */
function dataOf(at: readonly number[], series: readonly Series[], isStacked: boolean): uPlot.AlignedData {
  if (!isStacked) return [[...at], ...series.map(({ values }) => [...values])];
  const sums: (number | null)[][] = [];
  for (const { values } of series) {
    const below = sums.at(-1);
    sums.push(values.map((value, index) => (value === null ? null : value + (below?.[index] ?? 0))));
  }
  return [[...at], ...sums.toReversed()];
}

/** Newest first, without the moments of which nothing is known. */
const DataTable = ({ title, at, moments, series, show }: ChartProps) => {
  const rows = at
    .map((seconds, index) => ({ seconds, values: series.map(({ values }) => values[index] ?? null) }))
    .filter(({ values }) => values.some((value) => value !== null))
    .toReversed();
  return (
    <ScrollArea kind="chart-table" label={`${title}: table`}>
      <table class="items">
        <thead>
          <tr>
            <th scope="col">{moments.name}</th>
            {series.map(({ label }) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ seconds, values }) => (
            <tr key={seconds}>
              <th scope="row">{moments.show(seconds)}</th>
              {values.map((value, index) => (
                <td key={series[index]?.label} class="number">
                  {value === null ? '–' : show(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
};

/** Colors are drawn, not styled: another scheme redraws. */
function useScheme(): boolean {
  const [isDark, setIsDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const read = () => setIsDark(query.matches);
    query.addEventListener('change', read);
    return () => query.removeEventListener('change', read);
  }, []);
  return isDark;
}
