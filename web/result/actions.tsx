import { useState } from 'preact/hooks';
import type { ResultView } from '../../shared/results/api/result.ts';
import { Confirm } from '../layout/confirm.tsx';
import { Icon } from '../layout/icon.tsx';
import { ProblemNote } from '../layout/problem-note.tsx';
import { deleteImage, replayResult } from '../server/requests.ts';
import { announce } from '../state/announcements.ts';
import { tell } from '../state/live.ts';
import { useAttempt } from '../state/use-attempt.ts';
import { fileNameOf } from '../wording/wording.ts';

type Asking = 'replay' | 'delete' | undefined;

/** What an operator does with one result, each after a question. */
export const Actions = ({ result }: { result: ResultView }) => {
  const [asking, setAsking] = useState<Asking>();
  const { attempt, isBusy, problem, setProblem } = useAttempt();
  const [anew, setAnew] = useState(false);
  const name = fileNameOf(result);

  const carryOut = (work: () => Promise<unknown>, said: string) =>
    attempt(async () => {
      await work();
      announce(said);
      setAsking(undefined);
    });
  const remove = async () => {
    await deleteImage(result.id);
    tell({ deleted: [result.id] });
  };
  const close = () => {
    setAsking(undefined);
    setProblem(undefined);
  };

  return (
    <div class="buttons">
      <button type="button" class="button" onClick={() => setAsking('replay')}>
        <Icon name="replay" size={16} /> Replay
      </button>
      <button type="button" class="button" onClick={() => setAsking('delete')}>
        <Icon name="trash" size={16} /> Delete
      </button>
      {asking === 'replay' && (
        <Confirm
          title={`Answer ${name} again?`}
          action="Replay"
          isBusy={isBusy}
          onConfirm={() => void carryOut(() => replayResult(result.id, anew), `${name} is on its way again.`)}
          onClose={close}
        >
          <p>The picture is sent to the model once more, which is billed again.</p>
          <label class="check">
            <input
              type="checkbox"
              checked={anew}
              onChange={({ currentTarget }) => setAnew(currentTarget.checked)}
            />
            Prepare the picture again as well
          </label>
          {problem && <ProblemNote problem={problem} />}
        </Confirm>
      )}
      {asking === 'delete' && (
        <Confirm
          title={`Delete ${name}?`}
          action="Delete"
          isDangerous
          isBusy={isBusy}
          onConfirm={() => void carryOut(remove, `${name} was deleted.`)}
          onClose={close}
        >
          <p>The upload, the prepared picture and the result are removed for good.</p>
          {problem && <ProblemNote problem={problem} />}
        </Confirm>
      )}
    </div>
  );
};
