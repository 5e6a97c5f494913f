import { useEffect, useState } from 'preact/hooks';
import type { DeadLetterList } from '../../shared/results/api/answers.ts';
import { ProblemNote } from '../layout/problem-note.tsx';
import { resultHref } from '../routing/route.ts';
import { getDeadLetters, replayDeadLetters } from '../server/requests.ts';
import { announce } from '../state/announcements.ts';
import { useAttempt } from '../state/use-attempt.ts';
import { count } from '../wording/wording.ts';

const SHOWN = 5;

/** What was given up after too many deliveries. Looking costs calls of Pub/Sub, so it is done once and when asked. */
export const DeadLetters = () => {
  const [list, setList] = useState<DeadLetterList>();
  const { attempt, isBusy, problem } = useAttempt();

  const look = () => attempt(async () => setList(await getDeadLetters()));
  const replay = () =>
    attempt(async () => {
      const { replayed, removed } = await replayDeadLetters();
      announce(`${replayed} delivered again, ${removed} removed because they had ended.`);
      setList(await getDeadLetters());
    });
  useEffect(() => void look(), []);

  const letters = list?.letters ?? [];
  return (
    <section class="card pad" aria-labelledby="dead-letters-heading" data-testid="dead-letters">
      <div class="panel-head">
        <h3 id="dead-letters-heading">
          Dead letters{' '}
          {list && (
            <span class="tag">
              {count(letters.length)}
              {list.hasMore && '+'}
            </span>
          )}
        </h3>
        <div class="buttons">
          <button type="button" class="button small" disabled={isBusy} onClick={() => void look()}>
            Look again
          </button>
          {letters.length > 0 && (
            <button type="button" class="button small" disabled={isBusy} onClick={() => void replay()}>
              Replay all
            </button>
          )}
        </div>
      </div>
      {problem && <ProblemNote problem={problem} />}
      {list && letters.length === 0 && <p class="hint">Nothing was given up.</p>}
      <ul class="waiting">
        {letters.slice(0, SHOWN).map(({ object, id, stage, deliveries, publishedAt, reason }, index) => (
          <li key={`${publishedAt} ${index}`}>
            <div>
              {id === null ? (
                <span>{object ?? 'No event of a bucket'}</span>
              ) : (
                <a href={resultHref(id)}>{object}</a>
              )}
              <p class="hint">
                {stage === 'resize' ? 'Resize' : 'Analysis'}
                {deliveries !== null && `, ${count(deliveries)} deliveries`}. {reason}
              </p>
            </div>
          </li>
        ))}
      </ul>
      {letters.length > SHOWN && <p class="hint">and {count(letters.length - SHOWN)} more</p>}
    </section>
  );
};
