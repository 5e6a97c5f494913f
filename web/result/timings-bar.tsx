import type { ResultView } from '../../shared/results/api/result.ts';
import { duration } from '../wording/wording.ts';
import { STAGE_WORDS } from './stage-words.ts';

/** Where the time went: a bar for the eye, its legend for everybody. */
export const TimingsBar = ({ timings }: { timings: ResultView['timings'] }) => {
  const parts = STAGE_WORDS.flatMap(([key, name]) => {
    const ms = timings[key];
    return ms === undefined ? [] : [{ key, name, ms }];
  });
  if (parts.length === 0) return null;
  return (
    <section class="card pad" aria-labelledby="timings-heading">
      <h3 id="timings-heading">
        Timings
        {timings.totalMs !== undefined && <span class="tag">{duration(timings.totalMs)} in all</span>}
      </h3>
      <div class="bar" aria-hidden="true">
        {parts.map(({ key, ms }) => (
          <span key={key} class={`part ${key}`} style={{ flexGrow: Math.max(ms, 1) }} />
        ))}
      </div>
      <ul class="legend">
        {parts.map(({ key, name, ms }) => (
          <li key={key}>
            <span class={`swatch ${key}`} aria-hidden="true" />
            {name} <span class="number">{duration(ms)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
};
