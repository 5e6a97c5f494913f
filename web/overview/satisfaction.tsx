import type { Stats } from '../../shared/results/api/figures.ts';
import { satisfactionBy } from '../../shared/results/satisfaction-rows.ts';
import { ScrollArea } from '../layout/scroll-area.tsx';
import { REVIEW_HREF } from '../routing/route.ts';
import { count, percent } from '../wording/wording.ts';

type Weeks = NonNullable<Stats['satisfaction']>['weeks'];

/** How often people find the answers right: by profile and model, and week by week. */
export const Satisfaction = ({ weeks }: { weeks: Weeks }) => {
  const rows = weeks.flatMap((week) => week.rows);
  return (
    <section class="card pad" aria-labelledby="satisfaction-heading" data-testid="satisfaction">
      <h3 id="satisfaction-heading">
        Right answers{' '}
        <span class="tag">{count(rows.reduce((sum, { judged }) => sum + judged, 0))} judged</span>
      </h3>
      {rows.length === 0 ? (
        <p class="hint">
          Nobody has judged an answer lately. <a href={REVIEW_HREF}>Review</a> shows those that are worth a
          look.
        </p>
      ) : (
        <ScrollArea kind="scroll" label="Right answers">
          <table class="items">
            <thead>
              <tr>
                <th scope="col">Of</th>
                <th scope="col">Judged</th>
                <th scope="col">Right</th>
              </tr>
            </thead>
            <tbody>
              {satisfactionBy(rows, 'profile').map((line) => (
                <Line key={`profile ${line.name}`} {...line} />
              ))}
              {satisfactionBy(rows, 'model').map((line) => (
                <Line key={`model ${line.name}`} {...line} />
              ))}
              {weeks.map(({ week, rows: those }) => (
                <Line
                  key={week}
                  name={`week ${week}`}
                  judged={those.reduce((sum, { judged }) => sum + judged, 0)}
                  right={those.reduce((sum, { right }) => sum + right, 0)}
                />
              ))}
            </tbody>
          </table>
        </ScrollArea>
      )}
    </section>
  );
};

const Line = ({ name, judged, right }: { name: string; judged: number; right: number }) => (
  <tr>
    <th scope="row">{name}</th>
    <td class="number">{count(judged)}</td>
    <td class="number">{percent(right / judged)}</td>
  </tr>
);
