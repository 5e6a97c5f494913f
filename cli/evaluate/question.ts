import { createHash } from 'node:crypto';
import type { Ending } from '../../evaluation/outcomes.ts';
import type { Variant } from '../../evaluation/variants.ts';
import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import type { Log } from '../../shared/base/log.ts';
import { climb } from '../../shared/model/ladder.ts';
import { type Prompt, requestAt } from '../../shared/model/prompt.ts';
import { lookForCodes } from '../../shared/model/read-codes.ts';
import { type AskModel, NO_IMAGE } from '../../shared/model/request.ts';
import type { ImageBudget } from '../../shared/money/budgets.ts';
import { ImageCharges } from '../../shared/money/charges.ts';
import type { Estimator } from '../../shared/money/estimate.ts';
import type { PriceList, TokenUsage } from '../../shared/prices/price-list.ts';
import { usdOf } from '../../shared/prices/units.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { wantedPicture } from '../../shared/profiles/index.ts';
import type { KeptOutcome } from './journal.ts';
import { PlacesBill } from './places-bill.ts';

/** A picture as the model gets it. */
export interface PreparedPicture {
  bytes: Buffer;
  width: number;
  height: number;
}

/** Everything that is the same for the questions of a run. */
export interface Asking {
  profile: Profile;
  prompt: Prompt;
  callBy(lane: Variant['lane']): AskModel;
  budget: ImageBudget;
  prices: PriceList;
  estimator: Estimator;
  log: Log;
  leastCallMs: number;
  /** Input tokens that asking for places takes; absent where they are not asked for. */
  evidencePromptTokens?: number;
}

/** The profile with this one way to ask: whatever it answers is taken, and its checks are noted. */
const profileOf = (profile: Profile, { step, maxSide }: Variant): Profile => ({
  ...profile,
  ladder: [step],
  maxSide,
  minConfidence: 0,
});

/**
 * The same for the same picture asked in the same way. A changed prompt, schema, reference picture or preparation makes
 * another question; a changed label or comparator does not.
 */
export function questionKey(
  { profile, prompt }: Pick<Asking, 'profile' | 'prompt'>,
  variant: Variant,
  pictureSha256: string,
  repeat: number,
): string {
  const { step, lane, maxSide } = variant;
  const { instructions, prompt: text, responseSchema } = requestAt({ prompt, image: NO_IMAGE }, step);
  const asked = [
    pictureSha256,
    [instructions, text, responseSchema, prompt.references.map(({ sha256 }) => sha256)],
    (profile.checks ?? []).map(({ name }) => name),
    { ...wantedPicture(profile), maxSide },
    [step.models[0], step.mediaResolution, step.thinkingLevel, step.maxOutputTokens, lane, repeat],
  ];
  return createHash('sha256').update(JSON.stringify(asked)).digest('hex').slice(0, 32);
}

/** A failure that ends the whole run: asking on would end every question alike. */
export const endsRun = (error: PipelineError): boolean => error.disposition.park;

const SOURCE = { bucket: 'labels', generation: '0', uploader: null };

/**
 * Asks once, through the code that answers pictures. Throws failures that end the run; any other failure is an outcome.
 */
export async function askQuestion(
  asking: Asking,
  variant: Variant,
  key: string,
  picture: PreparedPicture,
  signal: AbortSignal,
): Promise<KeptOutcome> {
  const { prompt, prices, estimator, log } = asking;
  const profile = profileOf(asking.profile, variant);
  const charges = new ImageCharges(
    { prices, estimator, audit: { record: () => undefined }, log, leastCallMs: asking.leastCallMs },
    {
      budget: asking.budget,
      profile: profile.name,
      promptSha256: '',
      size: picture,
      source: { ...SOURCE, name: key } as ConstructorParameters<typeof ImageCharges>[1]['source'],
    },
  );
  const image = { mimeType: 'image/jpeg', base64: picture.bytes.toString('base64') };
  const codes = profile.checks ? { codes: lookForCodes(image, log) } : {};
  const places = new PlacesBill(asking);
  const end = (ending: Ending, isFinal: boolean): KeptOutcome => ({
    key,
    isFinal,
    ending,
    tokens: tokensOf(charges),
    costUsd: usdOf(charges.billed),
    latencyMs: charges.attempts.reduce((sum, { latencyMs }) => sum + latencyMs, 0),
    calls: charges.attempts.length,
    ...places.bill,
  });
  try {
    const call = places.noting(asking.callBy(variant.lane));
    const climbed = await climb({ profile, prompt, image, call, charges, ...codes }, signal);
    const { answer, partial, model, served } = climbed;
    const { confidence, probabilities, evidence, checks, version } = model;
    return end(
      { kind: 'answered', answer, partial, confidence, probabilities, evidence, checks, version, served },
      true,
    );
  } catch (error) {
    signal.throwIfAborted();
    const failure = PipelineError.from(error);
    if (endsRun(failure)) throw failure;
    const { code, message, disposition } = failure;
    return end({ kind: 'failed', code, message }, !disposition.redeliver);
  }
}

/** Of all calls together; null when no reply said. */
function tokensOf({ calls }: ImageCharges): TokenUsage | null {
  const used = calls.flatMap(({ tokens }) => (tokens ? [tokens] : []));
  if (used.length === 0) return null;
  const sum = (key: keyof TokenUsage): number => used.reduce((total, tokens) => total + tokens[key], 0);
  return {
    prompt: sum('prompt'),
    image: sum('image'),
    cached: sum('cached'),
    thoughts: sum('thoughts'),
    output: sum('output'),
  };
}
