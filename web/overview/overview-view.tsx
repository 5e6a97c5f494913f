import { useEffect } from 'preact/hooks';
import { ProblemNote } from '../layout/problem-note.tsx';
import { countsOf, figures } from '../state/figures.ts';
import { recent, seedRecent } from '../state/recent.ts';
import { useStore } from '../state/store.ts';
import { useClock } from '../state/use-clock.ts';
import { Batches } from './batches.tsx';
import { CostChart } from './cost-chart.tsx';
import { DeadLetters } from './dead-letters.tsx';
import { Failures } from './failures.tsx';
import { LatencyChart, ThroughputChart } from './hour-charts.tsx';
import { LatencyTable } from './latency-table.tsx';
import { hourUntil } from './minutes.ts';
import { Models } from './models.tsx';
import { Satisfaction } from './satisfaction.tsx';
import { Tiles } from './tiles.tsx';
import { useCost } from './use-cost.ts';
import { Waiting } from './waiting.tsx';

/** How the pipeline does, at a glance. */
export const OverviewView = () => {
  const { stats, problem } = useStore(figures);
  const { since } = useStore(recent);
  const { today, fortnight, problem: costProblem } = useCost();
  const hour = hourUntil(Math.max(useClock(), Date.now()), since);
  const counts = stats && countsOf(stats);
  useEffect(() => {
    scrollTo(0, 0);
    void seedRecent();
  }, []);
  return (
    <main id="content" class="page overview" tabIndex={-1}>
      <h2 class="visually-hidden">Overview</h2>
      {(problem ?? costProblem) && (
        <ProblemNote problem={(problem ?? costProblem) as NonNullable<typeof problem>} />
      )}
      <Tiles stats={stats} today={today} hour={hour} />
      <div class="panels">
        <ThroughputChart hour={hour} />
        <LatencyChart hour={hour} />
        {fortnight && <CostChart cost={fortnight} budget={today?.budget?.limitUsd} />}
        {stats && <LatencyTable sample={stats.sample} />}
        {stats && <Models paused={stats.paused} models={today?.models ?? {}} />}
        {stats && <Failures sample={stats.sample} />}
        <Batches />
        {stats?.satisfaction && <Satisfaction weeks={stats.satisfaction.weeks} />}
        <DeadLetters />
        <Waiting status="parked" title="Parked" nothing="No picture waits." total={counts?.parked ?? 0} />
        <Waiting status="failed" title="Failed" nothing="No picture failed." total={counts?.failed ?? 0} />
      </div>
    </main>
  );
};
