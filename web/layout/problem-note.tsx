import type { RequestFailed } from '../server/requests.ts';

/** What went wrong and what to do next. */
export const ProblemNote = ({ problem }: { problem: RequestFailed }) => (
  <div class="failure banner" role="alert">
    <p>
      <strong>{problem.message}</strong> {problem.hint}
    </p>
  </div>
);
