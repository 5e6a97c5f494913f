import { randomUUID } from 'node:crypto';
import type { ReserveForCache } from '../model/context-cache/cache-cost.ts';
import { composePrompt, type Prompt, requestAt } from '../model/prompt.ts';
import { NO_IMAGE, USUAL_SHAPE } from '../model/request.ts';
import { dayOf, type NanoUsd, nanosOf, usdOf } from '../prices/units.ts';
import type { Profile } from '../profiles/define.ts';
import type { ReferencesOf } from '../profiles/references.ts';
import type { ImageCost } from '../results/claim.ts';
import type { Attempt, ResultDocument } from '../results/document.ts';
import { promptHash } from './audit.ts';
import type { DayBudgets, ImageBudget } from './budgets.ts';
import { type ChargesDependencies, ImageCharges } from './charges.ts';
import type { LateRecords } from './late-records.ts';
import type { SpendEntry, SpendLog } from './spend-log.ts';

/** A context cache belongs to no image and no uploader; it is booked under this name of a profile. */
const CONTEXT_PROFILE = '(context cache)';

/** Nothing ends it before its time: a reservation for a cache waits for nothing. */
const NEVER = new AbortController().signal;

/** Money for context caches: from the pipeline's budget of the day, reserved, settled and booked as that of calls is. */
export const createReserveForCache =
  (dayBudgets: DayBudgets, spendLog: SpendLog, late: Pick<LateRecords, 'record'>): ReserveForCache =>
  async (atMost) => {
    const budget = await dayBudgets.budgetFor({ profile: CONTEXT_PROFILE, uploader: null });
    const reservation = await budget.reserve([atMost], NEVER, { waitMs: 0 });
    const settle = async (model: string, cost: Cost): Promise<void> => {
      const nanos = 'billed' in cost ? cost.billed : cost.lost;
      reservation.settle(nanos);
      if (nanos > 0) await late.record(randomUUID(), spendLog.write(cacheEntryOf(budget, model, cost)));
    };
    return {
      billed: (model, billed) => settle(model, { billed }),
      lost: (model, lost) => settle(model, { lost }),
    };
  };

type Cost = { billed: NanoUsd } | { lost: NanoUsd };

const cacheEntryOf = ({ day, scopes }: ImageBudget, model: string, cost: Cost): SpendEntry => ({
  day,
  scopes,
  profile: CONTEXT_PROFILE,
  uploader: null,
  ended: false,
  cacheHit: false,
  calls: 'billed' in cost ? [{ model, tokens: null, nanos: cost.billed }] : [],
  estimated: 0,
  lost: 'lost' in cost ? cost.lost : 0,
  savedByCache: 0,
  topStep: 0,
  bytesIn: 0,
  bytesOut: 0,
});

/** What one execution of one image may spend, and what it has spent. */
export interface ImageSpending {
  prompt: Prompt;
  charges: ImageCharges;
  attempts: readonly Attempt[];
  /** The costs for the document and the write that spend log them; `ended`: whether the image ends with this. */
  cost(ended: boolean): ImageCost;
}

export const createPay =
  (dayBudgets: DayBudgets, spendLog: SpendLog, deps: ChargesDependencies & { referencesOf: ReferencesOf }) =>
  async (document: ResultDocument, profile: Profile): Promise<ImageSpending> => {
    const { source, prepared } = document;
    const budget = await dayBudgets.budgetFor({ profile: profile.name, uploader: source.uploader });
    const prompt = composePrompt(profile, profile.references && deps.referencesOf(profile));
    const charges = new ImageCharges(deps, {
      budget: budget,
      profile: profile.name,
      promptSha256: promptHash(prompt),
      size: prepared ?? USUAL_SHAPE,
      source,
    });
    const topStep = () => charges.expected(requestAt({ prompt, image: NO_IMAGE }, topOf(profile)));
    return {
      prompt,
      charges,
      attempts: charges.attempts,
      cost: (ended) => ({
        cost: {
          estimatedUsd: document.cost?.estimatedUsd || usdOf(charges.estimated),
          usd: addUsd(document.cost?.usd ?? 0, charges.billed),
          savedByCacheUsd: document.cost?.savedByCacheUsd ?? 0,
        },
        record:
          charges.attempts.length === 0
            ? undefined
            : spendLog.write({
                ...entryOf(document, budget.day),
                scopes: budget.scopes,
                ended,
                calls: charges.calls,
                estimated: ended ? charges.estimated : 0,
                lost: charges.lost,
                topStep: ended ? topStep() : 0,
              }),
      }),
    };
  };

/** What an image that repeats an earlier answer adds to the spend log. */
export const createRecordHit =
  (spendLog: SpendLog) =>
  (document: ResultDocument, savedUsd: number): ImageCost => ({
    cost: { estimatedUsd: 0, usd: document.cost?.usd ?? 0, savedByCacheUsd: savedUsd },
    record: spendLog.write({
      ...entryOf(document, dayOf(Date.now())),
      ended: true,
      cacheHit: true,
      savedByCache: nanosOf(savedUsd),
    }),
  });

/** The last step of a ladder. */
export const topOf = ({ ladder: [first, ...others] }: Pick<Profile, 'ladder'>) => others.at(-1) ?? first;

/** Dollars and nano-dollars added without the tails of floating point. */
export const addUsd = (usd: number, nanos: NanoUsd): number => usdOf(nanosOf(usd) + nanos);

/** An entry of an image that has neither ended nor cost anything. */
export const entryOf = ({ profile, source, prepared }: ResultDocument, day: string): SpendEntry => ({
  day,
  scopes: [],
  profile,
  uploader: source.uploader,
  ended: false,
  cacheHit: false,
  calls: [],
  estimated: 0,
  lost: 0,
  savedByCache: 0,
  topStep: 0,
  bytesIn: source.bytes ?? 0,
  bytesOut: prepared?.bytes ?? 0,
});
