import { useEffect, useState } from 'preact/hooks';
import type { ResultView } from '../../shared/results/api/result.ts';
import { withoutEntry } from '../evidence/places.ts';
import { PointingArea } from '../evidence/pointing.tsx';
import { ProblemNote } from '../layout/problem-note.tsx';
import { resultHref } from '../routing/route.ts';
import { service } from '../state/service.ts';
import { useStore } from '../state/store.ts';
import { count, fileNameOf, moment } from '../wording/wording.ts';
import { changedFields, type FormSchema } from './answer-form.ts';
import { PicturePane } from './picture-pane.tsx';
import { type Review, useReview } from './use-review.ts';
import { useShortcuts } from './use-shortcuts.ts';
import { ValueEditor } from './value-editor.tsx';

const BECAUSE_WORDS: Readonly<Record<NonNullable<ResultView['review']>['because'], string>> = {
  unsure: 'no model was sure',
  'broken-check': 'it breaks a check',
  partial: 'the reply was cut off',
  sample: 'a sample',
};

/** Answers that a person should look at, one after the other: the picture beside its fields. */
export const ReviewView = () => {
  const { profiles } = useStore(service);
  const [profile, setProfile] = useState('');
  const review = useReview(profile);
  const { result, wanted, problem } = review;
  useEffect(() => scrollTo(0, 0), []);
  return (
    <main id="content" class="page review-page" tabIndex={-1}>
      <div class="page-head">
        <h2>Review {wanted !== undefined && <span class="tag">{count(wanted)} waiting</span>}</h2>
        <label class="rule">
          <span>Profile</span>
          <select value={profile} onChange={({ currentTarget }) => setProfile(currentTarget.value)}>
            <option value="">All</option>
            {profiles.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </div>
      {problem && <ProblemNote problem={problem} />}
      {result === undefined && !problem && (
        <p class="hint" role="status">
          Looking…
        </p>
      )}
      {result === null && <NothingWaits review={review} />}
      {result && <Desk key={result.id} result={result} review={review} />}
    </main>
  );
};

const NothingWaits = ({ review }: { review: Review }) => (
  <section class="card pad" aria-label="Nothing waits">
    <p>No answer waits for a person.</p>
    <p class="hint">
      Answers come here that no step of the ladder was sure of, that break a check or were cut off, and the
      share of samples that a profile asks for (<code>reviewShare</code>).
    </p>
    <div class="buttons">
      <button type="button" class="button" disabled={review.isBusy} onClick={review.look}>
        Look again
      </button>
      {review.canUndo && (
        <button type="button" class="button" disabled={review.isBusy} onClick={review.undo}>
          Undo
        </button>
      )}
    </div>
  </section>
);

const Desk = ({ result, review }: { result: ResultView; review: Review }) => {
  const { profiles } = useStore(service);
  const answer = result.answer ?? {};
  const [edited, setEdited] = useState<Record<string, unknown>>(answer);
  const [evidence, setEvidence] = useState(result.model?.evidence ?? []);
  const changed = changedFields(answer, edited);
  const isChanged = Object.keys(changed).length > 0;
  const schema = profiles.find(({ name }) => name === result.profile)?.schema as FormSchema | undefined;
  const fields = Object.keys(schema?.properties ?? answer).filter((name) => name !== 'confidence');
  const accept = () =>
    review.judge(isChanged ? { verdict: 'corrected', fields: changed } : { verdict: 'right' });
  const { areOn, setAreOn } = useShortcuts({
    r: accept,
    w: () => review.judge({ verdict: 'wrong' }),
    s: review.skip,
    u: review.undo,
    e: () => document.querySelector<HTMLElement>('.answer-editor input, .answer-editor select')?.focus(),
  });
  return (
    <PointingArea evidence={evidence}>
      <div class="desk" data-testid="desk">
        <section class="card pad" aria-label="Picture">
          <PicturePane url={result.imageUrl} name={fileNameOf(result)} size={result.prepared} />
        </section>
        <section class="card pad answer-editor" aria-labelledby="answer-heading">
          <h3 id="answer-heading">
            <a href={resultHref(result.id)}>{fileNameOf(result)}</a>
            <span class="tag">{result.profile}</span>
            {result.review && <span class="tag">{BECAUSE_WORDS[result.review.because]}</span>}
          </h3>
          {result.feedback && (
            <p class="hint">
              Judged {result.feedback.verdict} by {result.feedback.by ?? 'somebody'},{' '}
              {moment(result.feedback.at)}.
            </p>
          )}
          {fields.map((name) => (
            <ValueEditor
              key={name}
              name={name}
              path={name}
              schema={schema?.properties?.[name]}
              value={edited[name]}
              onChange={(value) => setEdited({ ...edited, [name]: value })}
              onRemoved={(path, i) => setEvidence(withoutEntry(evidence, path, i))}
            />
          ))}
          <div class="buttons">
            <button type="button" class="button primary" disabled={review.isBusy} onClick={accept}>
              {isChanged ? 'Save the correction' : 'Right'} {areOn && <kbd>r</kbd>}
            </button>
            <button
              type="button"
              class="button"
              disabled={review.isBusy}
              onClick={() => review.judge({ verdict: 'wrong' })}
            >
              Wrong {areOn && <kbd>w</kbd>}
            </button>
            <button type="button" class="button" disabled={review.isBusy} onClick={review.skip}>
              Skip {areOn && <kbd>s</kbd>}
            </button>
            <button
              type="button"
              class="button"
              disabled={review.isBusy || !review.canUndo}
              onClick={review.undo}
            >
              Undo {areOn && <kbd>u</kbd>}
            </button>
          </div>
          <label class="check">
            <input
              type="checkbox"
              checked={areOn}
              onChange={({ currentTarget }) => setAreOn(currentTarget.checked)}
            />
            Single keys: r right, w wrong, e edit, s skip, u undo
          </label>
        </section>
      </div>
    </PointingArea>
  );
};
