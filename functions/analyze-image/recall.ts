import { type Answers, answerKey } from '../../shared/answers/answers.ts';
import { PipelineError } from '../../shared/errors/pipeline-error.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import type { ReferencesOf } from '../../shared/profiles/references.ts';
import { delay } from '../../shared/resilience/delay.ts';
import type { ModelUse } from '../../shared/results/document.ts';
import type { Claim } from '../../shared/results/results.ts';

export interface KnownAnswer {
  answer: Record<string, unknown>;
  model: ModelUse;
  /** What the answer cost when it was asked for. */
  savedUsd: number;
}

/** First look while another image asks the same; each further one waits twice as long. Milliseconds. */
const FIRST_LOOK_MS = 150;

/**
 * Finds the answer that the same picture, prepared the same and asked the same, already has. While it is being asked
 * for under another name this waits, at most `waitMs`, and then throws CLAIM_BUSY: delivered again, it finds the answer.
 */
export const createRecall =
  (answers: Answers, options: { waitMs: number; referencesOf: ReferencesOf }) =>
  async (claim: Claim, profile: Profile, signal: AbortSignal): Promise<KnownAnswer | undefined> => {
    const { prepared, source } = claim.document;
    if (!prepared || profile.cacheTtlHours === 0) return undefined;
    const key = answerKey(prepared.sha256, profile, options.referencesOf(profile));
    if (source.refresh) {
      await answers.replace(key, claim, profile.cacheTtlHours);
      return undefined;
    }
    const patience = Date.now() + options.waitMs;
    for (let pause = FIRST_LOOK_MS; ; pause *= 2) {
      const found = await answers.lookup(key, claim, profile.cacheTtlHours);
      if (found.kind === 'ask') return undefined;
      if (found.kind === 'hit') {
        const { answer, model, cost } = found.document;
        return answer && model ? { answer, model, savedUsd: cost?.usd ?? 0 } : undefined;
      }
      if (Date.now() + pause > patience) {
        throw new PipelineError(
          'CLAIM_BUSY',
          `The same picture is being analyzed under another name until ${found.until.toISOString()}.`,
        );
      }
      await delay(pause, signal);
    }
  };
