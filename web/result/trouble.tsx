import type { ResultView } from '../../shared/results/view.ts';
import { moment } from '../wording/wording.ts';

/** Why there is no answer, what to do next, and the code that the documentation and the logs know. */
export const Trouble = ({ result: { failure, parked, status } }: { result: ResultView }) =>
  failure ? (
    <div class={`failure ${status}`}>
      <p>
        <strong>{failure.message}</strong> {failure.hint}
      </p>
      {parked && (
        <p>
          Parked until <time dateTime={parked.until}>{moment(parked.until)}</time>; it goes on by itself.
        </p>
      )}
      <p class="code-line">
        <code>{failure.code}</code>
      </p>
    </div>
  ) : null;
