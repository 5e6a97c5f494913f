import type { ResultView } from '../../shared/results/api/result.ts';
import { resultHref } from '../routing/route.ts';
import { ago, duration, fileNameOf, isOnItsWay, moment, summary } from '../wording/wording.ts';
import { StageTrack } from './stage-track.tsx';
import { StatusChip } from './status-chip.tsx';
import { Thumbnail } from './thumbnail.tsx';

interface Placed {
  /** Distance from the top of the list, with its unit. */
  top: string;
  /** From 1. */
  position: number;
  /** Of all rows; -1 while the end of the list was not read. */
  total: number;
}

interface ResultRowProps extends Placed {
  result: ResultView;
  previewUrl: string | undefined;
  nowMs: number;
}

export const ResultRow = ({ result, previewUrl, nowMs, ...at }: ResultRowProps) => {
  const { source, timings } = result;
  return (
    <li class={`row ${result.status}`} data-testid="result" data-id={result.id} {...placed(at)}>
      <Thumbnail imageUrl={result.imageUrl} previewUrl={previewUrl} />
      <div class="row-text">
        <p class="row-title">
          <a class="row-link" href={resultHref(result.id)}>
            {fileNameOf(result)}
          </a>
          <span class="row-facts">
            <span>{result.profile}</span>
            {source.uploader && <span>{source.uploader}</span>}
          </span>
        </p>
        <RowSentence result={result} />
      </div>
      <p class="row-times">
        <time dateTime={result.createdAt} title={moment(result.createdAt)}>
          {ago(result.createdAt, nowMs)}
        </time>
        <span>{timings.totalMs === undefined ? '' : duration(timings.totalMs)}</span>
      </p>
      <StatusChip result={result} />
    </li>
  );
};

/** What there is to say of it, in one line: the trouble, the answer, or how far it is. */
const RowSentence = ({ result }: { result: ResultView }) => {
  const { failure, lastFailure, parked, answer, degraded, stage, status } = result;
  if (failure) {
    return (
      <p class="row-sentence trouble">
        {parked && (
          <>
            Parked until <time dateTime={parked.until}>{moment(parked.until)}</time>.{' '}
          </>
        )}
        {failure.message} <span class="muted">{failure.hint}</span>
      </p>
    );
  }
  if (answer) {
    return (
      <p class="row-sentence">
        {degraded && <span class="tag">degraded</span>} {summary(answer)}
      </p>
    );
  }
  if (lastFailure && isOnItsWay(status)) {
    return <p class="row-sentence">Retried automatically. {lastFailure.message}</p>;
  }
  return <StageTrack stage={stage} />;
};

/** Keeps its place while its page is on the way. */
export const RowOnItsWay = (at: Placed) => (
  <li class="row is-empty" aria-label="Loading" {...placed(at)}>
    <span class="thumbnail" />
    <span class="row-text">
      <span class="ghost" />
    </span>
  </li>
);

const placed = ({ top, position, total }: Placed) => ({
  style: { top },
  'aria-posinset': position,
  'aria-setsize': total,
});
