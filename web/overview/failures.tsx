import type { Stats } from '../../shared/results/api/figures.ts';
import { ScrollArea } from '../layout/scroll-area.tsx';
import { listHref } from '../list/filter.ts';
import { count, percent } from '../wording/wording.ts';

/** Why pictures got no answer, by code; those that somebody has to do something about say what. */
export const Failures = ({ sample }: Pick<Stats, 'sample'>) => {
  const { failures } = sample;
  return (
    <section class="card pad" aria-labelledby="failures-heading" data-testid="failures">
      <h3 id="failures-heading">
        Without an answer
        <span class="tag">{count(sample.images)} newest</span>
      </h3>
      {failures
        .filter(({ alarming }) => alarming)
        .map(({ code, status, share, hint }) => (
          <div key={`${code} ${status}`} class="failure" role="status">
            <p>
              <strong>
                {percent(share)} {status}: {code}.
              </strong>{' '}
              {hint}
            </p>
          </div>
        ))}
      {failures.length === 0 ? (
        <p class="hint">Every picture that ended was answered.</p>
      ) : (
        <ScrollArea kind="scroll" label="Without an answer">
          <table class="items">
            <thead>
              <tr>
                <th scope="col">Code</th>
                <th scope="col">Ended</th>
                <th scope="col">Images</th>
                <th scope="col">Share</th>
              </tr>
            </thead>
            <tbody>
              {failures.map(({ code, status, images, share }) => (
                <tr key={`${code} ${status}`}>
                  <th scope="row">{code}</th>
                  <td>
                    <a href={listHref({ status })}>{status}</a>
                  </td>
                  <td class="number">{count(images)}</td>
                  <td class="number">{percent(share)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollArea>
      )}
    </section>
  );
};
