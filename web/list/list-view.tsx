import { AnsweredBy } from '../layout/answered-by.tsx';
import { ProblemNote } from '../layout/problem-note.tsx';
import { useStore } from '../state/store.ts';
import { uploads } from '../state/uploads.ts';
import { UploadList } from '../upload/upload-list.tsx';
import { UploadPanel } from '../upload/upload-panel.tsx';
import { count } from '../wording/wording.ts';
import { NothingFits, NothingYet } from './empty.tsx';
import { isFiltered } from './filter.ts';
import { Filters } from './filters.tsx';
import { list, place } from './list.ts';
import { Rows } from './rows.tsx';
import { StatusTabs } from './status-tabs.tsx';

/** Files on their way above the results that the server has, newest first. */
export const ListView = () => {
  const state = useStore(list);
  const sent = useStore(uploads);
  const { filter, chunks, isReading, problem, held } = state;
  const isEmpty = chunks.length === 0;
  return (
    <main class="page with-intake">
      <div class="intake">
        <UploadPanel />
        <AnsweredBy />
      </div>
      <section id="results" class="results" aria-labelledby="results-heading" tabIndex={-1}>
        <div class="results-head">
          <h2 id="results-heading" class="visually-hidden">
            Results
          </h2>
          <StatusTabs filter={filter} />
          <Filters filter={filter} />
        </div>
        {problem && <ProblemNote problem={problem} />}
        {sent.known.length > 0 && <UploadList sent={sent.known} />}
        {held.length > 0 && (
          <div class="new-results">
            <button type="button" class="button" onClick={backToTop}>
              {held.length === 1 ? 'One new result' : `${count(held.length)} new results`}
            </button>
          </div>
        )}
        {isEmpty &&
          !isReading &&
          !problem &&
          sent.known.length === 0 &&
          (isFiltered(filter) ? <NothingFits /> : <NothingYet />)}
        {!isEmpty && (
          <div class="card rows-card">
            <Rows state={state} />
          </div>
        )}
      </section>
    </main>
  );
};

function backToTop(): void {
  place.isAtTop = true;
  scrollTo(0, 0);
}
