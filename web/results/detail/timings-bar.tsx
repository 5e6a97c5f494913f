import type { ResultView } from '../../../shared/results/view.ts';
import { duration } from '../wording.ts';

/** In the order in which a picture passes them. */
const PARTS = [
  ['queueMs', 'Waiting'],
  ['downloadMs', 'Reading'],
  ['resizeMs', 'Resizing'],
  ['uploadMs', 'Writing'],
  ['modelMs', 'Model'],
  ['storeMs', 'Firestore'],
] as const;

/** Where the time went: a bar for the eye, its legend for everybody. */
export const TimingsBar = ({ timings }: { timings: ResultView['timings'] }) => {
  const parts = PARTS.flatMap(([key, name]) => {
    const ms = timings[key];
    return ms === undefined ? [] : [{ key, name, ms }];
  });
  if (parts.length === 0) return null;
  return (
    <div class="timings">
      <h4>
        Timings
        {timings.totalMs !== undefined && <span class="tag">{duration(timings.totalMs)} in all</span>}
      </h4>
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
    </div>
  );
};
