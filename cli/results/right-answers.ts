import type { Stats } from '../../shared/results/api/figures.ts';
import { satisfactionBy } from '../../shared/results/satisfaction-rows.ts';
import { plain } from '../text/plain.ts';
import { formatCount } from '../text/units.ts';

/** Weeks that a line is about. */
const WEEKS = 4;

/** What people said of the answers of the last weeks, by profile; no line where nobody said anything. */
export function rightAnswers(satisfaction: Stats['satisfaction']): string[] {
  const rows = satisfaction?.weeks.slice(0, WEEKS).flatMap((week) => week.rows) ?? [];
  const parts = satisfactionBy(rows, 'profile').map(
    ({ name, judged, right }) =>
      `${plain(name)} ${((100 * right) / judged).toFixed(1)} % of ${formatCount(judged)}`,
  );
  return parts.length === 0 ? [] : [`Right, of the answers that people judged lately: ${parts.join(', ')}.`];
}
