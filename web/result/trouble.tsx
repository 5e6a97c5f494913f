import type { ResultView } from '../../shared/results/api/result.ts';
import { isOnItsWay, moment } from '../wording/wording.ts';

/** Why there is no answer, what to do next, and the code that the documentation and the logs know. */
export const Trouble = ({ result }: { result: ResultView }) => {
  const { failure, parked, status } = result;
  if (!failure) return <Setback result={result} />;
  return (
    <div class={`failure ${status}`}>
      <p>
        <strong>{failure.message}</strong> {failure.hint}
      </p>
      {parked && (
        <p>
          Parked until <time dateTime={parked.until}>{moment(parked.until)}</time>; it resumes automatically.
        </p>
      )}
      <p class="code-line">
        <code>{failure.code}</code>
      </p>
    </div>
  );
};

/** Why the last attempt failed although the picture is still being worked on. */
const Setback = ({ result: { lastFailure, status } }: { result: ResultView }) =>
  lastFailure && isOnItsWay(status) ? (
    <div class="failure parked" data-testid="setback">
      <p>
        <strong>The last attempt failed; it is retried automatically.</strong> {lastFailure.message}
      </p>
      <p class="code-line">
        <code>{lastFailure.code}</code> <time dateTime={lastFailure.at}>{moment(lastFailure.at)}</time>
      </p>
    </div>
  ) : null;
