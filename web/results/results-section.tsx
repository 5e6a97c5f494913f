import { useEffect, useState } from 'preact/hooks';
import { loadMore, results, visibleResults } from '../state/results.ts';
import { useStore } from '../state/store.ts';
import { uploads } from '../state/uploads.ts';
import { UploadRow } from '../upload/upload-row.tsx';
import { NothingFits, NothingYet } from './empty.tsx';
import { Filters } from './filters.tsx';
import { ResultRow } from './result-row.tsx';
import { count } from './wording.ts';

const CLOCK_MS = 20_000;

/** Files on their way above the results that the server has, newest first. */
export const ResultsSection = () => {
  const state = useStore(results);
  const sent = useStore(uploads);
  const nowMs = useClock();
  const shown = visibleResults(state);
  const previews = new Map(
    sent.flatMap(({ state: { ...upload }, previewUrl }) =>
      upload.kind === 'accepted' ? [[upload.id, previewUrl] as const] : [],
    ),
  );
  const onTheirWay = sent.filter(
    ({ state: upload }) => upload.kind !== 'accepted' || !state.byId.has(upload.id),
  );
  const isFiltered = state.filter.profile !== undefined || state.filter.status !== undefined;
  const isEmpty = shown.length === 0 && onTheirWay.length === 0;

  return (
    <section id="results" class="results" aria-labelledby="results-heading" tabIndex={-1}>
      <div class="results-head">
        <h2 id="results-heading">
          Results{' '}
          {shown.length > 0 && (
            <span class="count">
              {count(shown.length)}
              {state.nextCursor === null ? '' : '+'}
            </span>
          )}
        </h2>
        <Filters filter={state.filter} />
      </div>
      {state.problem && (
        <div class="failure banner" role="alert">
          <p>
            <strong>{state.problem.message}</strong> {state.problem.hint}
          </p>
        </div>
      )}
      {isEmpty && !state.loading && !state.problem && (isFiltered ? <NothingFits /> : <NothingYet />)}
      {!isEmpty && (
        <ul class="rows">
          {onTheirWay.map((upload) => (
            <UploadRow key={`upload ${upload.key}`} upload={upload} />
          ))}
          {shown.map((result) => (
            <ResultRow key={result.id} result={result} previewUrl={previews.get(result.id)} nowMs={nowMs} />
          ))}
        </ul>
      )}
      {state.nextCursor !== null && (
        <button type="button" class="button more" onClick={() => void loadMore()}>
          Show older results
        </button>
      )}
    </section>
  );
};

function useClock(): number {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), CLOCK_MS);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}
