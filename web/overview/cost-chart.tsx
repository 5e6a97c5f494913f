import type { CostView } from '../../shared/results/api/figures.ts';
import { dollars } from '../wording/wording.ts';
import { Chart } from './chart.tsx';

const date = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', timeZone: 'UTC' });
const DAY = { name: 'Day (UTC)', show: (seconds: number) => date.format(new Date(seconds * 1_000)) };
const DAY_MS = 86_400_000;

/** What each day cost, and what it would have cost without earlier answers and the cheaper model first. */
export const CostChart = ({ cost, budget }: { cost: CostView; budget: number | undefined }) => {
  const days = daysOf(cost);
  const at = days.map((day) => Date.parse(day) / 1_000);
  const line = (day: string) => cost.days[day];
  return (
    <Chart
      title="Cost per day"
      sentence={`Cost of the last ${days.length} days: ${dollars(cost.total.usd)} in all.`}
      at={at}
      moments={DAY}
      isStacked
      isByDay
      measure="amount"
      show={dollars}
      series={[
        { label: 'Billed', color: 'billed', kind: 'bars', values: days.map((day) => line(day)?.usd ?? 0) },
        {
          label: 'Saved',
          color: 'saved',
          kind: 'bars',
          values: days.map((day) => (line(day)?.savedByCacheUsd ?? 0) + (line(day)?.savedByLadderUsd ?? 0)),
        },
      ]}
      note={budget === undefined ? undefined : `The budget of a day is ${dollars(budget)}.`}
    />
  );
};

function daysOf({ from, until }: CostView): string[] {
  const days: string[] = [];
  for (let at = Date.parse(from); at <= Date.parse(until); at += DAY_MS)
    days.push(new Date(at).toISOString().slice(0, 10));
  return days;
}
