import type { End } from '../state/recent.ts';
import { count, duration, oneDecimal, STATUS_WORDS } from '../wording/wording.ts';
import { Chart } from './chart.tsx';
import type { Hour } from './minutes.ts';

const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hour12: false });
const MINUTE = { name: 'Minute', show: (seconds: number) => clock.format(new Date(seconds * 1_000)) };

const ORDER = ['completed', 'refused', 'failed', 'parked'] as const satisfies readonly End[];

export const ThroughputChart = ({ hour }: { hour: Hour }) => {
  const sums = ORDER.map((end) => hour.ended[end].reduce<number>((sum, value) => sum + (value ?? 0), 0));
  const sentence = `What ended per minute in the last hour: ${ORDER.map((end, index) => `${count(sums[index] ?? 0)} ${end}`).join(', ')}.`;
  return (
    <Chart
      title="Ended per minute"
      sentence={sentence}
      at={hour.at}
      moments={MINUTE}
      isStacked
      measure="count"
      show={(value) => oneDecimal(value)}
      series={ORDER.map((end) => ({
        label: STATUS_WORDS[end],
        color: end,
        kind: 'bars' as const,
        values: hour.ended[end],
      }))}
    />
  );
};

export const LatencyChart = ({ hour }: { hour: Hour }) => {
  const last = hour.p50Ms.findLast((value) => value !== null);
  const sentence =
    last === undefined || last === null
      ? 'Time from upload to answer: nothing was completed in the last hour.'
      : `Time from upload to answer in the last hour, by minute; lately half of the pictures took less than ${duration(last)}.`;
  return (
    <Chart
      title="Upload to answer"
      sentence={sentence}
      at={hour.at}
      moments={MINUTE}
      measure="time"
      show={duration}
      series={[
        { label: 'p50', color: 'p50', kind: 'line', values: hour.p50Ms },
        { label: 'p95', color: 'p95', kind: 'line', values: hour.p95Ms },
      ]}
    />
  );
};
