import { z } from 'zod';
import { type Invariant, integer, text } from '../../shared/base/config.ts';
import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import type { Log } from '../../shared/base/log.ts';
import { withDeadline } from '../../shared/base/resilience/deadline.ts';
import { createDeveloperApi } from '../../shared/model/gemini/developer-api.ts';
import { judge } from '../../shared/model/judge.ts';
import type { PictureQuestion } from '../../shared/model/ladder.ts';
import { requestAt } from '../../shared/model/prompt.ts';
import { evidenceOf } from '../../shared/model/read-boxes.ts';
import type { AskModel } from '../../shared/model/request.ts';
import { topOf } from '../../shared/money/spending.ts';
import { isDecisionStep } from '../../shared/profiles/decision-step.ts';
import { STANDARD_LADDER } from '../../shared/profiles/standard-ladder.ts';
import type { Stopgap } from '../../shared/results/claim.ts';
import type { ResultDocument } from '../../shared/results/document.ts';
import { fallbackChoice } from '../../shared/results/options.ts';
import { isForWantOfAccess } from '../../shared/results/pauses.ts';

/** Who answers, for the time being, while no model can. */
export const fallbackVariables = {
  /** `local-reader`: a server that reads barcodes and text speaks the Gemini API at FALLBACK_URL. */
  ...fallbackChoice,
  FALLBACK_URL: z.url({ error: 'expected a URL such as http://127.0.0.1:8086' }).optional(),
  /** What the reader's server wants to see as a key; never the key of Gemini. */
  FALLBACK_API_KEY: text('a key of the server at FALLBACK_URL').default('fallback'),
  FALLBACK_TIMEOUT_MS: integer('milliseconds', { min: 100, max: 120_000, default: 8_000 }),
  /** The model is asked again after this time, or later when it named a later one. */
  FALLBACK_RETRY_MS: integer('milliseconds', { min: 1_000, max: 86_400_000, default: 300_000 }),
};

type Config = z.infer<z.ZodObject<typeof fallbackVariables>>;

export const fallbackInvariants: readonly Invariant<
  Config & { FUNCTION_TIMEOUT_MS: number; MODEL_OVERALL_MS: number }
>[] = [
  ({ FALLBACK, FALLBACK_URL }) =>
    FALLBACK === 'none' || FALLBACK_URL !== undefined
      ? undefined
      : 'FALLBACK_URL is not set: expected the address of the local reader.',
  ({ FALLBACK, FALLBACK_TIMEOUT_MS, MODEL_OVERALL_MS, FUNCTION_TIMEOUT_MS }) =>
    FALLBACK === 'none' || MODEL_OVERALL_MS + FALLBACK_TIMEOUT_MS <= FUNCTION_TIMEOUT_MS
      ? undefined
      : 'MODEL_OVERALL_MS and FALLBACK_TIMEOUT_MS together must not be more than FUNCTION_TIMEOUT_MS: otherwise no time is left for the fallback.',
];

/** A failure of the service or of access to it, not of the picture, that lasts longer than a moment. */
const isLasting = (failure: PipelineError): boolean =>
  failure.disposition.stopgap ||
  (failure.code === 'PIPELINE_PAUSED' &&
    failure.cause instanceof PipelineError &&
    isForWantOfAccess(failure.cause));

/** How the reader is called in documents: its answers never pass for a model's. */
const READER = 'local-reader';

export interface AskedPicture extends Pick<PictureQuestion, 'profile' | 'prompt' | 'image'> {
  document: ResultDocument;
}

/** What is stored instead of a model's answer, and until when; undefined: handle the failure normally. */
export type FindStopgap = (
  failure: PipelineError,
  asked: AskedPicture,
  signal: AbortSignal,
) => Promise<Stopgap | undefined>;

export function createFallback(config: Config, log: Log): FindStopgap {
  const { FALLBACK, FALLBACK_URL } = config;
  if (FALLBACK === 'none' || FALLBACK_URL === undefined) return async () => undefined;
  // Outside the guard and the spend log: what the reader does costs nothing and says nothing about the models.
  const read = createDeveloperApi({ apiKey: config.FALLBACK_API_KEY, baseUrl: FALLBACK_URL });
  return async (failure, asked, signal) => {
    if (!isLasting(failure) || signal.aborted) return undefined;
    const until = new Date(Math.max(failure.facts.until ?? 0, Date.now() + config.FALLBACK_RETRY_MS));
    // The picture is still the same: what was found before stays.
    if (asked.document.degraded) return { until };
    try {
      return { until, found: await ask(read, asked, config.FALLBACK_TIMEOUT_MS, signal) };
    } catch (error) {
      log.error('fallback.failed', error);
      return undefined;
    }
  };
}

/** At the top of the ladder: it costs nothing there either, and the reader sees most. */
async function ask(
  read: AskModel,
  { profile, prompt: fullPrompt, image }: AskedPicture,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<NonNullable<Stopgap['found']>> {
  const startedAt = Date.now();
  const step = profile.ladder.length - 1;
  const last = topOf(profile);
  // The reader decides nothing; what it reads is an answer of the same form.
  const top = isDecisionStep(last) ? topOf({ ladder: STANDARD_LADDER }) : last;
  // The reader would read the codes of the references as if they were in the picture.
  const prompt = { ...fullPrompt, references: [] };
  const reply = await withDeadline(timeoutMs, signal, (inner) =>
    read(requestAt({ prompt, image }, top), inner),
  );
  const verdict = judge(reply.end, profile, READER);
  if (verdict.kind !== 'valid') throw verdict.failure;
  const { answer, confidence, evidence } = verdict;
  const { mediaResolution } = top;
  return {
    answer,
    model: {
      ...{ requested: READER, version: READER, step, mediaResolution, confidence, checks: [] },
      ...(evidence ? evidenceOf(evidence) : {}),
    },
    attempt: {
      ...{ model: READER, step, outcome: 'fallback', tokens: null, costUsd: 0 },
      latencyMs: Date.now() - startedAt,
      at: new Date(startedAt),
    },
  };
}
