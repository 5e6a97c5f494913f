import type { ComponentChildren } from 'preact';
import type { CostView, Stats } from '../../shared/results/api/figures.ts';
import { dollars, duration, oneDecimal, percent } from '../wording/wording.ts';
import { type Hour, rateOf } from './minutes.ts';

const RATE_MINUTES = 5;

/** The few numbers that say whether all is well. */
export const Tiles = ({
  stats,
  today,
  hour,
}: {
  stats: Stats | undefined;
  today: CostView | undefined;
  hour: Hour;
}) => {
  const sample = stats?.sample;
  const total = sample?.latency.totalMs;
  const rate = rateOf(hour, RATE_MINUTES);
  return (
    <dl class="tiles">
      <Tile term="Throughput" value={rate.isKnown ? `${oneDecimal(rate.perMinute)} /min` : '–'}>
        ended per minute, last {RATE_MINUTES} minutes
      </Tile>
      <Tile term="Success rate" value={shareOr(sample?.successRate)}>
        {sample ? `of the newest ${sample.ended} that ended` : ''}
      </Tile>
      <Tile term="Upload to answer" value={total ? duration(total.p50Ms) : '–'}>
        {total
          ? `half are faster; p95 ${unbroken(duration(total.p95Ms))}, p99 ${unbroken(duration(total.p99Ms))}`
          : 'nothing completed yet'}
      </Tile>
      <Tile term="Cost of today" value={today ? dollars(today.total.usd) : '–'}>
        {today && <Budget today={today} />}
      </Tile>
      <Tile
        term="Price per 1,000"
        value={today && today.total.images > 0 ? dollars(today.total.usdPer1000) : '–'}
      >
        images, today
      </Tile>
      <Tile
        term="Saved today"
        value={today ? dollars(today.total.savedByCacheUsd + today.total.savedByLadderUsd) : '–'}
      >
        {today &&
          `${dollars(today.total.savedByCacheUsd)} by earlier answers, ${dollars(today.total.savedByLadderUsd)} by the cheaper model first`}
      </Tile>
    </dl>
  );
};

const Tile = ({ term, value, children }: { term: string; value: string; children: ComponentChildren }) => (
  <div class="card tile">
    <dt>{term}</dt>
    <dd class="tile-value">{value}</dd>
    <dd class="tile-note">{children}</dd>
  </div>
);

/** A number stays on the line of its unit. */
const unbroken = (text: string): string => text.replaceAll(' ', '\u00a0');

const shareOr = (share: number | null | undefined): string =>
  share === null || share === undefined ? '–' : percent(share);

/** Above this share of the budget, the bar warns. */
const NEAR = 0.8;

const Budget = ({ today: { budget } }: { today: CostView }) => {
  if (!budget) return <>no budget is set, or nothing drew on it yet</>;
  const share = budget.limitUsd === 0 ? 1 : budget.committedUsd / budget.limitUsd;
  return (
    <>
      <meter
        class="budget"
        min={0}
        max={1}
        low={NEAR}
        high={0.95}
        optimum={0}
        value={Math.min(1, share)}
        aria-label="Share of today's budget that is spent or held"
      />
      {percent(share)} of {dollars(budget.limitUsd)} spent or held
    </>
  );
};
