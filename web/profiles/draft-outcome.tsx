import { dollars, percent } from '../wording/wording.ts';
import { DifferencesTable } from './differences-table.tsx';
import type { Draft } from './use-draft.ts';

/** What saving the draft would come to: whether it can be used, what is otherwise, what it does to the price. */
export const DraftOutcome = ({ draft }: { draft: Draft }) => {
  const { outcome, isChanged, isBusy } = draft;
  const isUsable = outcome !== undefined && outcome.outcome !== 'refused';
  return (
    <section class="card pad outcome" aria-labelledby="outcome-heading" data-testid="outcome">
      <h3 id="outcome-heading">This change</h3>
      <p role="status">{sentenceOf(draft)}</p>
      {isUsable && <Price outcome={outcome} />}
      {isUsable && <DifferencesTable differences={outcome.differences} label="Differences" />}
      <div class="buttons">
        <button
          type="button"
          class="button primary"
          disabled={!isUsable || isBusy}
          onClick={() => void draft.save()}
        >
          {outcome?.outcome === 'activated'
            ? `Ask by version ${outcome.version} again`
            : 'Save as a new version'}
        </button>
        <button type="button" class="button" disabled={!isChanged || isBusy} onClick={draft.discard}>
          Discard
        </button>
      </div>
    </section>
  );
};

function sentenceOf({ isChanged, outcome }: Draft): string {
  if (!isChanged) return 'Nothing is changed. Edit the fields or the file; both show the same.';
  if (!outcome) return 'Checking…';
  switch (outcome.outcome) {
    case 'refused':
      return 'It cannot be used as it is: see what is wrong beside the file. Nothing is taken up meanwhile.';
    case 'unchanged':
      return 'The same content as the active version; only its wording in the file differs.';
    case 'activated':
      return `The same content as version ${outcome.version}.`;
    case 'new':
      return 'It can be used. Pictures that come after saving are asked by it.';
  }
}

const Price = ({ outcome }: { outcome: NonNullable<Draft['outcome']> }) => {
  const { priceUsdPer1000: after, priceBeforeUsdPer1000: before } = outcome;
  if (after === null) return null;
  return (
    <p class="price" data-testid="price">
      <strong>{dollars(after)}</strong> per 1,000 pictures
      {before !== null && before !== after && before > 0 && (
        <>
          , {after > before ? 'up' : 'down'} {percent(Math.abs(after / before - 1))} from {dollars(before)}
        </>
      )}
      {before === after && ', as before'}
      <span class="hint"> answered by the first step</span>
    </p>
  );
};
