import type { Attempt } from '../../shared/results/document.ts';
import type { Output } from '../output.ts';
import { plain } from '../text/plain.ts';
import { formatCount, formatDuration } from '../text/units.ts';

/** Every call of a model that was made for a picture. */
export function printAttempts(out: Output, attempts: readonly Attempt[], indent: string): void {
  const priced = attempts.some(({ costUsd }) => costUsd !== null);
  const byLane = attempts.some(({ lane }) => lane !== undefined);
  out.table(
    [
      { title: '#', align: 'right' },
      { title: 'MODEL', shrinkTo: 16 },
      { title: 'STEP', align: 'right' },
      { title: 'OUTCOME', paint: (cell) => (cell.startsWith('ok') ? out.green(cell) : out.yellow(cell)) },
      ...(byLane ? [{ title: 'LANE' }] : []),
      { title: 'TOKENS IN', align: 'right' },
      { title: 'OUT', align: 'right' },
      { title: 'TIME', align: 'right' },
      ...(priced ? [{ title: 'COST', align: 'right' as const }] : []),
    ],
    attempts.map((attempt, index) => [
      String(index + 1),
      plain(attempt.model),
      String(attempt.step + 1),
      plain(attempt.outcome),
      ...(byLane ? [attempt.lane ?? 'standard'] : []),
      attempt.tokens ? formatCount(attempt.tokens.prompt) : '–',
      attempt.tokens ? formatCount(attempt.tokens.output + attempt.tokens.thoughts) : '–',
      formatDuration(attempt.latencyMs),
      ...(priced ? [attempt.costUsd === null ? '–' : `$${attempt.costUsd.toFixed(6)}`] : []),
    ]),
    indent,
  );
}
