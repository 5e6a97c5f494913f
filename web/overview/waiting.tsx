import { useEffect, useState } from 'preact/hooks';
import type { ResultView } from '../../shared/results/api/result.ts';
import { ProblemNote } from '../layout/problem-note.tsx';
import { listHref } from '../list/filter.ts';
import { resultHref } from '../routing/route.ts';
import { getResults, RequestFailed, replayResult } from '../server/requests.ts';
import { announce } from '../state/announcements.ts';
import { listen } from '../state/live.ts';
import { count, fileNameOf, shortMoment } from '../wording/wording.ts';

interface WaitingProps {
  status: 'parked' | 'failed';
  title: string;
  nothing: string;
  /** Of all results. */
  total: number;
}

const SHOWN = 5;
const CHANGED_SOON_MS = 400;

/** The newest results that came to a stop, each to be sent on its way again by one click. */
export const Waiting = ({ status, title, nothing, total }: WaitingProps) => {
  const { results, read } = useNewest(status);
  const [problem, setProblem] = useState<RequestFailed>();
  const [busy, setBusy] = useState<ReadonlySet<string>>(new Set());

  const replay = async (these: readonly ResultView[]) => {
    setProblem(undefined);
    setBusy(new Set(these.map(({ id }) => id)));
    try {
      for (const { id } of these) await replayResult(id, false);
      announce(these.length === 1 ? 'Sent on its way again.' : `${these.length} sent on their way again.`);
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      setProblem(error);
    }
    setBusy(new Set());
    await read();
  };

  return (
    <section class="card pad" aria-labelledby={`${status}-heading`} data-testid={status}>
      <div class="panel-head">
        <h3 id={`${status}-heading`}>
          {title} <span class="tag">{count(total)}</span>
        </h3>
        {results.length > 1 && (
          <button
            type="button"
            class="button small"
            disabled={busy.size > 0}
            onClick={() => void replay(results)}
          >
            Replay these {results.length}
          </button>
        )}
      </div>
      {problem && <ProblemNote problem={problem} />}
      {results.length === 0 && <p class="hint">{nothing}</p>}
      <ul class="waiting">
        {results.map((result) => (
          <li key={result.id}>
            <div>
              <a href={resultHref(result.id)}>{fileNameOf(result)}</a>
              <p class="hint">
                {result.failure?.message} {result.parked && `Until ${shortMoment(result.parked.until)}.`}
              </p>
            </div>
            <button
              type="button"
              class="button small"
              aria-label={`Replay ${fileNameOf(result)}`}
              disabled={busy.has(result.id)}
              onClick={() => void replay([result])}
            >
              Replay
            </button>
          </li>
        ))}
      </ul>
      {total > results.length && <a href={listHref({ status })}>All {count(total)}</a>}
    </section>
  );
};

/** The newest results of that status, read again when one of it came or went. */
function useNewest(status: WaitingProps['status']): {
  results: readonly ResultView[];
  read: () => Promise<void>;
} {
  const [results, setResults] = useState<readonly ResultView[]>([]);
  const read = async () => {
    try {
      setResults((await getResults({ status }, SHOWN)).results);
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
    }
  };
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    void read();
    const end = listen({
      onChanges: (changes) => {
        const concerns = changes.results.some(
          (result) => result.status === status || results.some(({ id }) => id === result.id),
        );
        if (!concerns && changes.deleted.length === 0) return;
        clearTimeout(timer);
        timer = setTimeout(() => void read(), CHANGED_SOON_MS);
      },
    });
    return () => {
      clearTimeout(timer);
      end();
    };
  }, [status, results.length]);
  return { results, read };
}
