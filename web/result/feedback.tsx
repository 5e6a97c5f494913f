import { useState } from 'preact/hooks';
import type { FeedbackRequest } from '../../shared/results/api/requests.ts';
import type { ResultView } from '../../shared/results/api/result.ts';
import { Icon } from '../layout/icon.tsx';
import { ProblemNote } from '../layout/problem-note.tsx';
import { giveFeedback, RequestFailed } from '../server/requests.ts';
import { announce } from '../state/announcements.ts';
import { tell } from '../state/live.ts';
import { moment } from '../wording/wording.ts';
import { Correction } from './correction.tsx';

interface FeedbackProps {
  result: ResultView;
  answer: Record<string, unknown>;
}

const SAID = { right: 'Judged right', wrong: 'Judged wrong', corrected: 'Corrected' } as const;

/** A person's word on the answer; the last one counts. */
export const Feedback = ({ result, answer }: FeedbackProps) => {
  const [isCorrecting, setIsCorrecting] = useState(false);
  const [problem, setProblem] = useState<RequestFailed>();
  const { feedback } = result;
  const verdict = feedback?.isCurrent ? feedback.verdict : undefined;

  const give = async (said: FeedbackRequest) => {
    setProblem(undefined);
    try {
      tell({ results: [await giveFeedback(result.id, said)] });
      announce(`${SAID[said.verdict]}.`);
      setIsCorrecting(false);
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      setProblem(error);
    }
  };
  const button = (value: 'right' | 'wrong', icon: 'check' | 'cross', words: string) => (
    <button
      type="button"
      class="button small"
      aria-pressed={verdict === value}
      onClick={() => void give({ verdict: value })}
    >
      <Icon name={icon} size={15} /> {words}
    </button>
  );

  return (
    <div class="feedback" data-testid="feedback">
      <div class="feedback-line">
        <span id="feedback-question">Is this answer right?</span>
        {/* biome-ignore lint/a11y/useSemanticElements: buttons that act at once are no form */}
        <div class="buttons" role="group" aria-labelledby="feedback-question">
          {button('right', 'check', 'Right')}
          {button('wrong', 'cross', 'Wrong')}
          <button
            type="button"
            class="button small"
            aria-pressed={verdict === 'corrected'}
            aria-expanded={isCorrecting}
            onClick={() => setIsCorrecting(!isCorrecting)}
          >
            <Icon name="pencil" size={15} /> Correct
          </button>
        </div>
      </div>
      {feedback && (
        <p class="hint" data-testid="verdict">
          {SAID[feedback.verdict]}
          {feedback.by && ` by ${feedback.by}`}, {moment(feedback.at)}
          {!feedback.isCurrent && ' (of an earlier answer)'}
        </p>
      )}
      {isCorrecting && (
        <Correction answer={answer} onGive={(fields) => void give({ verdict: 'corrected', fields })} />
      )}
      {problem && <ProblemNote problem={problem} />}
    </div>
  );
};
