import type { ComponentChildren } from 'preact';
import type { ResultView } from '../../shared/results/api/result.ts';
import { OtherEvidence, PointingArea } from '../evidence/pointing.tsx';
import { CopyButton } from '../layout/copy-button.tsx';
import { ScrollArea } from '../layout/scroll-area.tsx';
import { StageTrack } from '../list/stage-track.tsx';
import { StatusChip } from '../list/status-chip.tsx';
import { resultHref } from '../routing/route.ts';
import { ago, dollars, duration, fileNameOf, label, moment } from '../wording/wording.ts';
import { Actions } from './actions.tsx';
import { AnswerFields } from './answer-fields.tsx';
import { Attempts } from './attempts.tsx';
import { Feedback } from './feedback.tsx';
import { PictureFacts } from './picture-facts.tsx';
import { TimingsBar } from './timings-bar.tsx';
import { Trouble } from './trouble.tsx';

/** Everything that is known of one picture. */
export const ResultDetail = ({ result }: { result: ResultView }) => {
  const { answer } = result;
  return (
    <article class="detail" data-testid="detail">
      <Head result={result} />
      <StageTrack stage={result.stage} />
      <Trouble result={result} />
      <PointingArea evidence={result.model?.evidence}>
        <div class="detail-columns">
          <section class="card pad" aria-label="Picture">
            <PictureFacts result={result} />
          </section>
          <div class="detail-side">
            {answer && (
              <section class="card pad" aria-labelledby="answer-heading">
                <h3 id="answer-heading">
                  Answer
                  {result.partial && <span class="tag">cut off</span>}
                  {result.degraded && (
                    <span class="tag" title="Found by the fallback; a model is asked later">
                      degraded
                    </span>
                  )}
                </h3>
                {result.takenOver && <TakenOver {...result.takenOver} />}
                <AnswerFields answer={answer} />
                <Feedback key={result.id} result={result} answer={answer} />
              </section>
            )}
            {result.previous && (
              <section class="card pad" aria-labelledby="previous-heading">
                <h3 id="previous-heading">
                  Previous answer
                  <span class="tag" title="It stays until a new answer replaces it">
                    of {moment(result.previous.at)}
                  </span>
                </h3>
                <OtherEvidence evidence={result.previous.model?.evidence}>
                  <AnswerFields answer={result.previous.answer} />
                </OtherEvidence>
              </section>
            )}
            <TimingsBar timings={result.timings} />
          </div>
        </div>
      </PointingArea>
      <Attempts attempts={result.attempts} />
      <Raw result={result} />
      <Facts result={result} />
    </article>
  );
};

/** Whose answer it is. */
const TakenOver = ({ from, name, similarity }: NonNullable<ResultView['takenOver']>) => (
  <p class="hint">
    Taken over from <a href={resultHref(from)}>{name.split('/').at(-1)}</a>, which looks alike (
    {(similarity * 100).toFixed(1)} %); no model was asked.
  </p>
);

const Head = ({ result }: { result: ResultView }) => {
  const { timings, cost, profile, source } = result;
  return (
    <header class="detail-head">
      <div>
        <h2>{fileNameOf(result)}</h2>
        <p class="row-facts">
          <span>{profile}</span>
          {source.uploader && <span>{source.uploader}</span>}
          <time dateTime={result.createdAt} title={moment(result.createdAt)}>
            {ago(result.createdAt, Date.now())}
          </time>
          {timings.totalMs !== undefined && <span>in {duration(timings.totalMs)}</span>}
          {cost && <span>{dollars(cost.usd)}</span>}
        </p>
      </div>
      <StatusChip result={result} />
      <Actions result={result} />
    </header>
  );
};

/** The result as the API gives it; the answer alone first, since that is what people take away. */
const Raw = ({ result }: { result: ResultView }) => (
  <div class="raws">
    {result.answer && <Json name="Answer as JSON" value={result.answer} />}
    <Json name="Result as JSON" value={result} />
  </div>
);

const Json = ({ name, value }: { name: string; value: unknown }) => {
  const json = JSON.stringify(value, null, 2);
  return (
    <details class="json">
      <summary>{name}</summary>
      <div class="json-body">
        <ScrollArea kind="json-text" label={name}>
          <pre>
            <code>{json}</code>
          </pre>
        </ScrollArea>
        <CopyButton text={json} what="the JSON" />
      </div>
    </details>
  );
};

const Facts = ({ result }: { result: ResultView }) => {
  const { source, model, cost } = result;
  return (
    <dl class="meta">
      <Fact term="Object">
        <code>{source.url}</code> <CopyButton text={source.url} what="the object's address" />
      </Fact>
      <Fact term="Result">
        <code>results/{result.id}</code> <CopyButton text={result.id} what="the id" />
      </Fact>
      {model && <Fact term="Answered by">{model.version}</Fact>}
      {model && model.checks.length > 0 && <Fact term="Checks">{checksSentence(model.checks)}</Fact>}
      {model?.probabilities && (
        <Fact term="Sure of each field">
          <Probabilities of={model.probabilities} />
        </Fact>
      )}
      {model?.respelled && <Fact term="Spelling corrected">{model.respelled.join(', ')}</Fact>}
      {cost && cost.savedByCacheUsd > 0 && (
        <Fact term="Saved by an earlier answer">{dollars(cost.savedByCacheUsd)}</Fact>
      )}
      <Fact term="Last change">{moment(result.updatedAt)}</Fact>
      {result.executions > 1 && <Fact term="Executions">{result.executions}</Fact>}
    </dl>
  );
};

/** The least likely field first: that is the one to look at. */
const Probabilities = ({ of }: { of: Readonly<Record<string, number>> }) => (
  <span data-testid="probabilities">
    {Object.entries(of)
      .toSorted(([, a], [, b]) => a - b)
      .map(([field, probability]) => `${label(field)} ${Math.round(probability * 100)} %`)
      .join(', ')}
  </span>
);

const Fact = ({ term, children }: { term: string; children: ComponentChildren }) => (
  <div>
    <dt>{term}</dt>
    <dd>{children}</dd>
  </div>
);

function checksSentence(checks: NonNullable<ResultView['model']>['checks']): string {
  const failed = checks.filter(({ passed }) => !passed).map(({ name }) => name);
  return failed.length === 0 ? `all ${checks.length} passed` : `failed: ${failed.join(', ')}`;
}
