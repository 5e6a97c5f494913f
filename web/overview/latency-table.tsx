import type { Stats } from '../../shared/results/api/figures.ts';
import { ScrollArea } from '../layout/scroll-area.tsx';
import { STAGE_WORDS } from '../result/stage-words.ts';
import { count, duration } from '../wording/wording.ts';

/** Where the time goes: percentiles of each stage, with a bar for the median and the 95th. */
export const LatencyTable = ({ sample }: Pick<Stats, 'sample'>) => {
  const { latency } = sample;
  const rows = STAGE_WORDS.flatMap(([key, name]) => {
    const times = latency[key];
    return times ? [{ key, name, times }] : [];
  });
  const longest = Math.max(1, ...rows.map(({ times }) => times.p95Ms));
  return (
    <section class="card pad" aria-labelledby="latency-heading">
      <h3 id="latency-heading">
        Latency by stage
        <span class="tag">{count(latency.totalMs?.images ?? 0)} newest completed</span>
      </h3>
      {rows.length === 0 ? (
        <p class="hint">Nothing was completed yet.</p>
      ) : (
        <ScrollArea kind="scroll" label="Latency by stage">
          <table class="items latency">
            <thead>
              <tr>
                <th scope="col">Stage</th>
                <td class="bars-column" />
                <th scope="col">p50</th>
                <th scope="col">p95</th>
                <th scope="col">p99</th>
                <th scope="col">Average</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ key, name, times }) => (
                <tr key={key}>
                  <th scope="row">{name}</th>
                  <td class="bars-column" aria-hidden="true">
                    <span class="range">
                      <span class={`p95 ${key}`} style={{ width: `${(times.p95Ms / longest) * 100}%` }} />
                      <span class={`p50 ${key}`} style={{ width: `${(times.p50Ms / longest) * 100}%` }} />
                    </span>
                  </td>
                  <td class="number">{duration(times.p50Ms)}</td>
                  <td class="number">{duration(times.p95Ms)}</td>
                  <td class="number">{duration(times.p99Ms)}</td>
                  <td class="number">{duration(times.averageMs)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollArea>
      )}
    </section>
  );
};
