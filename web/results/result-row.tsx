import { useState } from 'preact/hooks';
import type { ResultView } from '../../shared/results/view.ts';
import { Icon } from '../layout/icon.tsx';
import { ResultDetail } from './detail/result-detail.tsx';
import { StageTrack } from './stage-track.tsx';
import { StatusChip } from './status-chip.tsx';
import { Thumbnail } from './thumbnail.tsx';
import { ago, bytes, duration, fileNameOf, moment, summary } from './wording.ts';

export interface ResultRowProps {
  result: ResultView;
  previewUrl: string | undefined;
  nowMs: number;
}

export const ResultRow = ({ result, previewUrl, nowMs }: ResultRowProps) => {
  const [isOpen, setIsOpen] = useState(false);
  const panelId = `detail-${result.id}`;
  const { source, answer, failure, parked, timings } = result;
  return (
    <li class={`row ${result.status}`} data-testid="result" data-id={result.id}>
      <div class="row-head">
        <Thumbnail imageUrl={result.imageUrl} previewUrl={previewUrl} />
        <div class="row-text">
          <h3 class="row-name">
            <button
              type="button"
              class="row-toggle"
              aria-expanded={isOpen}
              aria-controls={panelId}
              onClick={() => setIsOpen(!isOpen)}
            >
              {fileNameOf(result)}
            </button>
          </h3>
          <p class="row-facts">
            <span>{result.profile}</span>
            {source.bytes !== null && <span>{bytes(source.bytes)}</span>}
            <time dateTime={result.createdAt} title={moment(result.createdAt)}>
              {ago(result.createdAt, nowMs)}
            </time>
            {timings.totalMs !== undefined && <span>in {duration(timings.totalMs)}</span>}
          </p>
          {answer && <p class="row-summary">{summary(answer)}</p>}
        </div>
        <StatusChip result={result} />
        <span class="row-chevron">
          <Icon name="chevron" />
        </span>
      </div>
      <StageTrack stage={result.stage} />
      {failure && (
        <div class="failure">
          <p>
            <strong>{failure.message}</strong> {failure.hint}
          </p>
          {parked && (
            <p>
              Parked until <time dateTime={parked.until}>{moment(parked.until)}</time>; it goes on by itself.
            </p>
          )}
        </div>
      )}
      <div id={panelId} hidden={!isOpen}>
        {isOpen && <ResultDetail result={result} />}
      </div>
    </li>
  );
};
