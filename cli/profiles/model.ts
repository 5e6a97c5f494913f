import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import { DeadlineExceeded, withDeadline } from '../../shared/base/resilience/deadline.ts';
import { retry } from '../../shared/base/resilience/retry.ts';
import { charged } from '../../shared/model/gate/call-path.ts';
import { createDeveloperApi } from '../../shared/model/gemini/developer-api.ts';
import type { AskModel } from '../../shared/model/request.ts';
import { CliError } from '../failure.ts';
import type { Environment, Target } from '../target.ts';

export interface Model {
  call: AskModel;
  /** For people: who answers. */
  label: string;
}

/** One person asks about one picture: no limiter and no breaker, and a short patience. Milliseconds. */
const PATIENCE = { maxAttempts: 3, overallMs: 90_000, baseMs: 500, maxMs: 10_000 };
const ATTEMPT_MS = 30_000;

const patient =
  (call: AskModel): AskModel =>
  async (request, signal) => {
    try {
      return await retry({ ...PATIENCE, verdict: worthAnotherCall }, signal, (inner) =>
        withDeadline(ATTEMPT_MS, inner, (attempt) => call(request, attempt)),
      );
    } catch (error) {
      if (!(error instanceof DeadlineExceeded)) throw error;
      throw new PipelineError('MODEL_TIMEOUT', `${request.model}: ${error.message}.`, { cause: error });
    }
  };

function worthAnotherCall(error: unknown): boolean | number {
  if (!(error instanceof PipelineError)) return false;
  const { retry: rule } = error.disposition;
  return rule === 'backoff' || rule === 'as-told' ? (error.facts.retryAfterMs ?? true) : false;
}

/** With GEMINI_API_KEY the real Gemini answers, as with `npm start`; else the reader of the local cloud. */
export async function chooseModel(env: Environment, target: () => Promise<Target>): Promise<Model> {
  const apiKey = env['GEMINI_API_KEY'];
  const baseUrl = env['GEMINI_BASE_URL'];
  if (apiKey) {
    const call = createDeveloperApi({ apiKey, ...(baseUrl ? { baseUrl } : {}) });
    return { call: patient(charged(call)), label: baseUrl ? `the model at ${baseUrl}` : 'Gemini' };
  }
  const { geminiUrl } = await target().catch(() => ({ geminiUrl: undefined }));
  if (geminiUrl === undefined) {
    throw new CliError('There is no model to ask.', {
      hint: 'Set GEMINI_API_KEY to ask Gemini, or start the local cloud with npm start and its reader answers.',
    });
  }
  const call = createDeveloperApi({ apiKey: 'local', baseUrl: geminiUrl });
  return { call: patient(charged(call)), label: 'the local reader (no GEMINI_API_KEY is set)' };
}
