import type { ResultView } from '../../shared/results/api/result.ts';

const STEPS = ['Received', 'Prepared', 'Analyzed'] as const;

/** Steps that are done, and the one in work. */
const REACHED: Partial<Record<ResultView['stage'], number>> = {
  received: 0,
  preparing: 1,
  prepared: 2,
  analyzing: 2,
};

/** Where a picture is on its way; the word beside it says the same. */
export const StageTrack = ({ stage }: { stage: ResultView['stage'] }) => {
  const reached = REACHED[stage];
  if (reached === undefined) return null;
  return (
    <span class="track" aria-hidden="true">
      {STEPS.map((step, index) => (
        <span key={step} class={index < reached ? 'done' : index === reached ? 'active' : ''} />
      ))}
    </span>
  );
};
