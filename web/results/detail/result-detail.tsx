import type { ResultView } from '../../../shared/results/view.ts';
import { CopyButton } from '../../layout/copy-button.tsx';
import { ScrollArea } from '../../layout/scroll-area.tsx';
import { moment } from '../wording.ts';
import { AnswerFields } from './answer-fields.tsx';
import { Attempts } from './attempts.tsx';
import { PictureFacts } from './picture-facts.tsx';
import { TimingsBar } from './timings-bar.tsx';

/** Everything that is known of one picture. */
export const ResultDetail = ({ result }: { result: ResultView }) => {
  const { answer, source, model } = result;
  const json = JSON.stringify(answer ?? result, null, 2);
  return (
    <div class="detail">
      <div class="detail-columns">
        <PictureFacts result={result} />
        <div class="detail-answer">
          {answer && (
            <div>
              <h4>
                Answer
                {result.partial && <span class="tag">cut off</span>}
              </h4>
              <AnswerFields answer={answer} />
            </div>
          )}
          <TimingsBar timings={result.timings} />
        </div>
      </div>
      <Attempts attempts={result.attempts} />
      <details class="json">
        <summary>{answer ? 'Answer as JSON' : 'Result as JSON'}</summary>
        <div class="json-body">
          <ScrollArea kind="json-text" label="JSON">
            <pre>
              <code>{json}</code>
            </pre>
          </ScrollArea>
          <CopyButton text={json} what="the JSON" />
        </div>
      </details>
      <dl class="meta">
        <Fact term="Object">
          <code>{source.url}</code> <CopyButton text={source.url} what="the object's address" />
        </Fact>
        <Fact term="Result">
          <code>results/{result.id}</code> <CopyButton text={result.id} what="the id" />
        </Fact>
        {source.uploader && <Fact term="Uploaded by">{source.uploader}</Fact>}
        {model && <Fact term="Answered by">{model.version}</Fact>}
        <Fact term="Last change">{moment(result.updatedAt)}</Fact>
        {result.executions > 1 && <Fact term="Executions">{result.executions}</Fact>}
        {result.failure && (
          <Fact term="Code">
            <code>{result.failure.code}</code>
          </Fact>
        )}
      </dl>
    </div>
  );
};

const Fact = ({ term, children }: { term: string; children: preact.ComponentChildren }) => (
  <div>
    <dt>{term}</dt>
    <dd>{children}</dd>
  </div>
);
