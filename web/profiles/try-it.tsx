import { useEffect, useRef, useState } from 'preact/hooks';
import type { ResultView } from '../../shared/results/api/result.ts';
import { ProblemNote } from '../layout/problem-note.tsx';
import { AnswerFields } from '../result/answer-fields.tsx';
import { resultHref } from '../routing/route.ts';
import { getResults, RequestFailed } from '../server/requests.ts';
import { dollars, duration, fileNameOf } from '../wording/wording.ts';
import { askTrial, pictureOf } from './ask-trial.ts';
import type { Draft } from './use-draft.ts';

/** As many of the newest results are offered. */
const OFFERED = 12;

/** Asks about a picture by the draft as it stands, before it is saved for everybody. */
export const TryIt = ({ name, draft }: { name: string; draft: Draft }) => {
  const [stored, setStored] = useState<readonly ResultView[]>([]);
  const [isAsking, setIsAsking] = useState(false);
  const [answer, setAnswer] = useState<ResultView>();
  const [problem, setProblem] = useState<RequestFailed>();
  const files = useRef<HTMLInputElement>(null);
  useEffect(() => {
    getResults({}, OFFERED).then(
      ({ results }) => setStored(results.filter(({ imageUrl }) => imageUrl !== undefined)),
      () => setStored([]),
    );
    // A trial is the newest of them.
  }, [answer]);

  const ask = async (picture: () => Promise<File>) => {
    setIsAsking(true);
    setProblem(undefined);
    setAnswer(undefined);
    try {
      const file = await picture();
      const version = await draft.keep();
      if (version !== undefined) setAnswer(await askTrial(file, name, version));
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      setProblem(error);
    }
    setIsAsking(false);
  };
  const isUsable = !draft.isChanged || (draft.outcome !== undefined && draft.outcome.outcome !== 'refused');
  const canAsk = isUsable && !isAsking && (draft.isChanged || draft.details?.active !== null);
  const onDrop = (event: DragEvent) => {
    const file = event.dataTransfer?.files[0];
    event.preventDefault();
    event.stopPropagation();
    if (file && canAsk) void ask(async () => file);
  };
  return (
    <section
      class="card pad try-it"
      aria-labelledby="try-heading"
      data-testid="try-it"
      onDragOver={(event) => event.preventDefault()}
      onDrop={onDrop}
    >
      <h3 id="try-heading">Try it</h3>
      <p class="hint">
        Drop a picture here, or choose one. It is asked and paid for like any other, by the draft as it
        stands; nobody else's pictures are. The newest 20 drafts that were tried are kept.
      </p>
      <div class="buttons">
        <button type="button" class="button" disabled={!canAsk} onClick={() => files.current?.click()}>
          Choose a picture
        </button>
        <input
          ref={files}
          data-testid="trial-file"
          type="file"
          accept="image/*"
          hidden
          onChange={({ currentTarget }) => {
            const [file] = currentTarget.files ?? [];
            currentTarget.value = '';
            if (file) void ask(async () => file);
          }}
        />
        {stored.length > 0 && (
          <select
            aria-label="Or one that is stored"
            disabled={!canAsk}
            value=""
            onChange={({ currentTarget }) => {
              const chosen = stored.find(({ id }) => id === currentTarget.value);
              if (chosen) void ask(() => pictureOf(chosen));
            }}
          >
            <option value="">Or one that is stored</option>
            {stored.map((result) => (
              <option key={result.id} value={result.id}>
                {fileNameOf(result)}
              </option>
            ))}
          </select>
        )}
      </div>
      {problem && <ProblemNote problem={problem} />}
      {isAsking && <p role="status">Asking…</p>}
      {answer && <Trial result={answer} />}
    </section>
  );
};

const Trial = ({ result }: { result: ResultView }) => (
  <div class="trial" data-testid="trial">
    {result.answer ? (
      <AnswerFields answer={result.answer} />
    ) : (
      <p class="failure">
        {result.failure?.message ?? `It is ${result.status}.`} {result.failure?.hint}
      </p>
    )}
    <p class="hint">
      {result.cost && `${dollars(result.cost.usd)}, `}
      {result.timings.modelMs !== undefined && `${duration(result.timings.modelMs)} of the model, `}
      by version {result.profileVersion}. <a href={resultHref(result.id)}>Open the result</a>
    </p>
  </div>
);
