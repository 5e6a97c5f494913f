import type { IncomingHttpHeaders } from 'node:http';
import { deadlineExceeded, type GeminiError, invalidArgument, modelNotFound } from './errors.ts';
import { type Fault, type HttpFault, isHttpFault } from './fault-names.ts';
import { httpFault } from './http-faults.ts';
import type { ModelFacts } from './models.ts';
import type { Plan } from './plan.ts';
import type { Sent } from './send.ts';
import type { Simulation } from './simulation.ts';
import { serverTimeoutMs } from './tiers.ts';
import type { PromptTokens } from './usage.ts';
import { wait } from './wait.ts';

/** A call of a model whose fate is decided, whatever it asks. */
interface PlannedCall {
  model: string;
  /** What an error says was asked for. */
  action: string;
  /** `v1` or `v1beta`. */
  version: string;
  headers: IncomingHttpHeaders;
  arrivedAt: number;
  signal: AbortSignal;
}

/** A call that would take longer than its client lets the server try costs nothing. */
export async function endAtServerTimeout(sim: Simulation, call: PlannedCall, plan: Plan): Promise<void> {
  const limitMs = serverTimeoutMs(call.headers);
  if (plan.latencyMs <= limitMs) return;
  await wait(limitMs - (sim.now() - call.arrivedAt), call.signal);
  throw deadlineExceeded();
}

export async function refuse(sim: Simulation, call: PlannedCall, plan: Plan): Promise<Sent | undefined> {
  const { outcome } = plan;
  if (outcome.kind === 'fault' && isHttpFault(outcome.fault)) {
    if (!outcome.fault.endsWith('429')) await waitOut(sim, call, plan);
    throw faultError(outcome.fault, call, outcome.retryDelaySeconds);
  }
  if (outcome.kind === 'fault' && outcome.fault === 'hang') return { kind: 'hang', outcome: 'hang' };
  if (outcome.kind === 'fault' && outcome.fault === 'reset') {
    await waitOut(sim, call, plan);
    return { kind: 'reset', outcome: 'reset' };
  }
  if (outcome.kind !== 'reply') return undefined;
  await waitOut(sim, call, plan);
  return {
    kind: 'reply',
    status: outcome.status,
    body: outcome.body,
    headers: outcome.headers,
    outcome: 'replay',
  };
}

function faultError(fault: HttpFault, call: PlannedCall, seconds: number): GeminiError {
  return fault === 'notFound404'
    ? modelNotFound(call.model, call.version, call.action)
    : httpFault(fault, call.model, seconds);
}

/** @throws GeminiError 400 for more than the model takes. */
export function checkLength({ total }: PromptTokens, { inputTokenLimit }: ModelFacts): void {
  if (total > inputTokenLimit)
    throw invalidArgument(
      `The input token count (${total}) exceeds the maximum number of tokens allowed (${inputTokenLimit}).`,
    );
}

export function takeQuota(sim: Simulation, model: string, tokens: number): void {
  const { quotas, timeScale } = sim.planner.settings(model);
  const refusal = sim.quotas.take(model, tokens, quotas, sim.now(), timeScale);
  if (refusal) throw refusal;
}

/** Latency counts from the arrival, so that reading the picture is part of it. */
export const waitOut = (sim: Simulation, call: PlannedCall, plan: Plan): Promise<void> =>
  wait(plan.latencyMs - (sim.now() - call.arrivedAt), call.signal);

/** The whole answer, or what its fault lets come through. */
export function answered(
  reply: object,
  fault: Fault | undefined,
  {
    headers = {},
    outcome,
    outputTokens,
  }: { headers?: Record<string, string>; outcome: string; outputTokens: number },
): Sent {
  if (fault === 'resetMidBody') return { kind: 'resetMidBody', body: reply, outcome: fault, outputTokens };
  const body = fault === 'notJson' ? '<!DOCTYPE html><title>Error 502 (Server Error)!!1</title>' : reply;
  return { kind: 'reply', status: 200, body, headers, outcome: fault ?? outcome, outputTokens };
}
