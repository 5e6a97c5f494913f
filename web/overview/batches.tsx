import { useEffect, useState } from 'preact/hooks';
import type { BatchList, BatchView } from '../../shared/results/api/batch-views.ts';
import { picturesDone } from '../../shared/results/batches/progress.ts';
import { ProblemNote } from '../layout/problem-note.tsx';
import { cancelBatch, getBatches, RequestFailed } from '../server/requests.ts';
import { announce } from '../state/announcements.ts';
import { count } from '../wording/wording.ts';

const SHOWN = 6;
/** Jobs take hours; while one is under way the page looks as often as the function does. Milliseconds. */
const LOOK_EVERY_MS = 15_000;

/** Batch jobs with how far each is. Callers that are no operators see nothing of them. */
export const Batches = () => {
  const [list, setList] = useState<BatchList>();
  const [problem, setProblem] = useState<RequestFailed>();

  const attempt = async (work: () => Promise<unknown>) => {
    try {
      await work();
      setList(await getBatches());
      setProblem(undefined);
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      setProblem(error);
    }
  };
  const isUnderWay = list?.jobs.some(({ state }) => state !== 'ended') ?? false;
  useEffect(() => void attempt(async () => {}), []);
  useEffect(() => {
    if (!isUnderWay) return;
    const timer = setInterval(() => void attempt(async () => {}), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [isUnderWay]);

  if (problem?.status === 403) return null;
  const jobs = list?.jobs ?? [];
  const cancel = (id: string) =>
    attempt(async () => {
      await cancelBatch(id);
      announce('The job is given up within minutes; what is not answered yet goes by other lanes.');
    });
  return (
    <section class="card pad" aria-labelledby="batches-heading" data-testid="batches">
      <div class="panel-head">
        <h3 id="batches-heading">
          Batches {list && list.waiting > 0 && <span class="tag">{count(list.waiting)} waiting</span>}
        </h3>
        <button type="button" class="button small" onClick={() => void attempt(async () => {})}>
          Look again
        </button>
      </div>
      {problem && <ProblemNote problem={problem} />}
      {list && jobs.length === 0 && (
        <p class="hint">
          {list.waiting === 0
            ? 'No picture has gone by a batch job yet.'
            : 'No job is begun yet: more pictures, or the time until they are sent, are waited for.'}
        </p>
      )}
      <ul class="waiting">
        {jobs.slice(0, SHOWN).map((job) => (
          <Job key={job.id} job={job} onCancel={() => void cancel(job.id)} />
        ))}
      </ul>
      {jobs.length > SHOWN && <p class="hint">and {count(jobs.length - SHOWN)} earlier ones</p>}
    </section>
  );
};

const Job = ({ job, onCancel }: { job: BatchView; onCancel: () => void }) => {
  const { state, outcome, pictures, counts, profile, model, problem, cancelRequested } = job;
  const isOver = state === 'ended';
  const done = picturesDone(job);
  const rest = counts.again + counts.returned;
  return (
    <li>
      <div>
        <span>
          {profile}, {count(pictures)} {pictures === 1 ? 'picture' : 'pictures'}
        </span>
        <progress
          class="progress"
          max={Math.max(1, pictures)}
          value={Math.min(done, pictures)}
          aria-label={`${profile}: ${count(done)} of ${count(pictures)}`}
        />
        <p class="hint">
          {isOver ? (outcome ?? 'ended') : cancelRequested ? 'being given up' : state},{' '}
          {count(counts.answered)} answered{rest > 0 && `, ${count(rest)} go on otherwise`}. {model}.{' '}
          {problem}
        </p>
      </div>
      {!isOver && !cancelRequested && (
        <button type="button" class="button small" onClick={onCancel}>
          Give up
        </button>
      )}
    </li>
  );
};
