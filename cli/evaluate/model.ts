import { loadConfig } from '../../shared/base/config.ts';
import type { Log } from '../../shared/base/log.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { Buckets } from '../../shared/cloud/storage/buckets.ts';
import { createLanes } from '../../shared/model/ask-by-lane.ts';
import { ModelGate } from '../../shared/model/gate/call-path.ts';
import { ModelQuotas } from '../../shared/model/gate/gated-model.ts';
import { gateOptions, gateVariables, leastCallMs } from '../../shared/model/gate/options.ts';
import { createRouter } from '../../shared/model/gate/routing.ts';
import { backendInvariants, backendVariables, createBackends } from '../../shared/model/gemini/backends.ts';
import type { AskModel } from '../../shared/model/request.ts';
import type { SynchronousLane } from '../../shared/prices/lanes.ts';
import { Control } from '../../shared/results/pauses.ts';
import { CliError } from '../failure.ts';
import type { Environment, Target } from '../target.ts';

/** Who answers the questions of a run. */
export interface EvaluatedModel {
  /** The calls of one question in a lane, through every layer that the deployed function has around a call. */
  callBy(lane: SynchronousLane): AskModel;
  /** Whether closed questions can be decided: Vertex AI has no model for that. */
  decides: boolean;
  /** For people: who answers. */
  label: string;
  /** False for the reader of this machine, whose prices are those that Gemini would have. */
  isBilled: boolean;
  /** So much time must be left for a call to begin. Milliseconds. */
  leastCallMs: number;
  close(): Promise<void>;
}

/** One evaluation has more patience than one upload: a person waits for all of it, not for one picture. Milliseconds. */
const OVERALL_MS = 180_000;
const FLEX = { attemptMs: 240_000, overallMs: 900_000, maxAttempts: 3, baseMs: 5_000, maxConcurrency: 16 };

/** With GEMINI_API_KEY or Vertex AI the real Gemini answers, as deployed; else the reader of the local cloud. */
export async function openModel(
  env: Environment,
  target: () => Promise<Target>,
  log: Log,
): Promise<EvaluatedModel> {
  const access = await accessTo(env, target);
  const config = loadConfig({ ...backendVariables, ...gateVariables }, access.env, backendInvariants);
  const backends = createBackends(config, new Buckets(), {
    restMs: config.REPAIR_PAUSE_MS,
    log,
    // A context cache pays by the hour for pictures that are still to come; here each question has its own price.
    withContexts: (_contexts, call) => call,
  });
  // What never gets old is never read nor shared: pauses of this run are its own, and no database is asked.
  const nobody = new Documents({ projectId: 'evaluation' });
  const control = new Control(nobody, { cacheMs: Number.POSITIVE_INFINITY, log });
  const options = { ...gateOptions(config), overallMs: Math.max(OVERALL_MS, config.MODEL_OVERALL_MS) };
  const flex = { ...options, ...FLEX };
  const quotas = new ModelQuotas(options);
  // One model is asked at a time: there is nothing to explore.
  const routing = { explorationShare: 0 };
  const standard = createRouter(new ModelGate(backends.call, control, log, options, quotas), routing);
  const byLane = createLanes(
    standard,
    createRouter(new ModelGate(backends.call, control, log, flex, quotas), routing),
    {
      reserveMs: options.overallMs,
      // Nothing is set aside here: without capacity the standard lane answers at once.
      returnMs: Number.POSITIVE_INFINITY,
      overallMs: FLEX.overallMs,
      leastMs: leastCallMs(flex),
    },
  );
  return {
    callBy: (asked) => byLane({ asked, endsAt: Date.now() + FLEX.overallMs + options.overallMs }),
    decides: backends.decides,
    label: access.label,
    isBilled: access.isBilled,
    leastCallMs: leastCallMs(options),
    close: () => nobody.close(),
  };
}

async function accessTo(
  env: Environment,
  target: () => Promise<Target>,
): Promise<{ env: Environment; label: string; isBilled: boolean }> {
  const baseUrl = env['GEMINI_BASE_URL'];
  if (env['GEMINI_BACKEND'] === 'vertex') return { env, label: 'Gemini on Vertex AI', isBilled: true };
  if (env['GEMINI_API_KEY'])
    return { env, label: baseUrl ? `the model at ${baseUrl}` : 'Gemini', isBilled: true };
  const { geminiUrl } = await target().catch(() => ({ geminiUrl: undefined }));
  if (geminiUrl === undefined) {
    throw new CliError('There is no model to ask.', {
      hint: 'Set GEMINI_API_KEY to ask Gemini, or start the local cloud with npm start and its reader answers.',
    });
  }
  return {
    env: { ...env, GEMINI_API_KEY: 'local', GEMINI_BASE_URL: geminiUrl },
    label: 'the local reader (no GEMINI_API_KEY is set)',
    isBilled: false,
  };
}
