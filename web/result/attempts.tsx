import type { ResultView } from '../../shared/results/api/result.ts';
import { isModelCall } from '../../shared/results/attempts.ts';
import { ScrollArea } from '../layout/scroll-area.tsx';
import { count, duration } from '../wording/wording.ts';

const callsInWords = (calls: number): string =>
  calls === 0 ? 'No model call' : calls === 1 ? 'One model call' : `${count(calls)} model calls`;

/** Every call of a model, in order, and what was taken over instead. */
export const Attempts = ({ attempts }: Pick<ResultView, 'attempts'>) => {
  if (attempts.length === 0) return null;
  const calls = attempts.filter(isModelCall).length;
  const byLane = attempts.some(({ lane }) => lane !== undefined);
  return (
    <section class="card pad" aria-labelledby="attempts-heading">
      <h3 id="attempts-heading">
        {callsInWords(calls)}
        {calls < attempts.length && <span class="tag">an earlier answer was taken over</span>}
      </h3>
      <ScrollArea kind="scroll" label="Model calls">
        <table class="items">
          <thead>
            <tr>
              <th scope="col">Model</th>
              <th scope="col">Step</th>
              <th scope="col">Outcome</th>
              {byLane && <th scope="col">Lane</th>}
              <th scope="col">Time</th>
              <th scope="col">Tokens in</th>
              <th scope="col">Tokens out</th>
              <th scope="col">Cost</th>
            </tr>
          </thead>
          <tbody>
            {attempts.map(({ model, step, outcome, lane, latencyMs, tokens, costUsd, at }) => (
              <tr key={`${at} ${step}`}>
                <td>{model}</td>
                <td class="number">{step + 1}</td>
                <td>{outcome}</td>
                {byLane && <td>{lane ?? 'standard'}</td>}
                <td class="number">{duration(latencyMs)}</td>
                <td class="number">{tokens ? count(tokens.prompt) : '–'}</td>
                <td class="number">{tokens ? count(tokens.output + tokens.thoughts) : '–'}</td>
                <td class="number">{costUsd === null ? '–' : `$${costUsd.toFixed(5)}`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollArea>
    </section>
  );
};
