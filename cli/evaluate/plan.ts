import { normalize } from '../../functions/resize-image/picture/normalize.ts';
import { silentLog } from '../../shared/base/log.ts';
import { composeDecisions } from '../../shared/model/decision-prompt.ts';
import { composePrompt, requestAt } from '../../shared/model/prompt.ts';
import { CHARACTERS_PER_TOKEN, NO_IMAGE, USUAL_SHAPE } from '../../shared/model/request.ts';
import { Estimator } from '../../shared/money/estimate.ts';
import { PriceList } from '../../shared/prices/price-list.ts';
import { type NanoUsd, nanosOf } from '../../shared/prices/units.ts';
import { closedForm } from '../../shared/profiles/closed-form.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { wantedPicture } from '../../shared/profiles/index.ts';
import { loadReferences } from '../../shared/profiles/references.ts';
import type { Journal } from './journal.ts';
import type { EvaluatedModel } from './model.ts';
import type { Asking } from './question.ts';
import type { Prepare, Question } from './run.ts';
import { runBudget } from './run-budget.ts';

/** As resize-image accepts by default. */
const MAX_PIXELS = 100_000_000;

/** Everything that the questions of a run have in common. Nothing is billed: no limit. */
export const askingOf = (
  profile: Profile,
  model: Pick<EvaluatedModel, 'callBy' | 'isBilled' | 'leastCallMs'>,
  journal: Journal,
  maxUsd: number,
): Asking => {
  const prices = new PriceList();
  return {
    profile,
    prompt: {
      ...composePrompt(profile, profile.references && loadReferences([profile])(profile)),
      // A ladder without decisions may be tried with them.
      ...(closedForm(profile.schema).problems.length === 0 ? { decisions: composeDecisions(profile) } : {}),
    },
    callBy: model.callBy,
    budget: runBudget(journal, model.isBilled ? nanosOf(maxUsd) : null),
    prices,
    estimator: new Estimator(prices),
    // What goes wrong is an outcome of the run, with its code; a log of it would stand between the lines of the progress bar.
    log: silentLog,
    leastCallMs: model.leastCallMs,
    ...evidencePromptTokensOf(profile),
  };
};

/** Of the words and the schema that ask for places. */
function evidencePromptTokensOf({ evidence, ...plain }: Profile): Pick<Asking, 'evidencePromptTokens'> {
  if (evidence === undefined) return {};
  const lengthOf = (profile: Profile): number => {
    const { text, responseSchema } = composePrompt(profile);
    return text.length + JSON.stringify(responseSchema).length;
  };
  const characters = lengthOf({ ...plain, evidence }) - lengthOf(plain);
  return { evidencePromptTokens: Math.ceil(characters / CHARACTERS_PER_TOKEN) };
}

/** As resize-image prepares a picture of the profile, but for the side. */
export const prepareFor =
  (profile: Profile): Prepare =>
  (picture, maxSide, signal) =>
    normalize(picture, { ...wantedPicture(profile), maxSide, maxPixels: MAX_PIXELS, signal });

/** What these questions are expected to cost, each answered at the first call. */
export function expectedNanos(questions: readonly Question[], asking: Asking, atMs: number): NanoUsd {
  const byVariant = Map.groupBy(questions, ({ variant }) => variant);
  return [...byVariant].reduce((sum, [{ step, lane }, its]) => {
    const request = { ...requestAt({ prompt: asking.prompt, image: NO_IMAGE }, step), lane };
    const { expected } = asking.estimator.estimate(asking.profile.name, request, USUAL_SHAPE, atMs);
    return sum + expected * its.length;
  }, 0);
}
