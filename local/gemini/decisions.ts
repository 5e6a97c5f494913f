import type { IncomingHttpHeaders } from 'node:http';
import type { ApiName } from './address.ts';
import { answersTo } from './decision-answers.ts';
import { type DecisionRequest, parseDecision } from './decision-request.ts';
import { GeminiError, invalidArgument, modelNotFound } from './errors.ts';
import type { Fault } from './fault-names.ts';
import { readMedia, resolutionOf } from './images.ts';
import type { ModelFacts } from './models.ts';
import type { Outcome } from './plan.ts';
import { answered, checkLength, endAtServerTimeout, refuse, takeQuota, waitOut } from './planned-call.ts';
import type { GenerateContentRequest, Part } from './request.ts';
import type { Sent } from './send.ts';
import type { Simulation } from './simulation.ts';
import { countPrompt, usageMetadata } from './usage.ts';

const MODEL = 'gemini-decision-1';

/** How pictures and words are counted; not published for this model. */
const FACTS: ModelFacts = {
  displayName: 'Gemini Decision 1',
  inputTokenLimit: 262_144,
  outputTokenLimit: 1,
  thinkingLevels: [],
  defaultThinkingLevel: 'minimal',
  imageTokens: 'budget',
};

interface DecisionCall {
  api: ApiName;
  version: string;
  headers: IncomingHttpHeaders;
  json: unknown;
  arrivedAt: number;
  signal: AbortSignal;
}

/**
 * `POST /v1beta/decisions`: check, decide its fate, count, wait, answer. Where pictures are really read the answer is
 * blocked: the reader decides nothing, and a made-up probability would pass for a calibrated one.
 */
export async function decide(sim: Simulation, call: DecisionCall): Promise<Sent> {
  if (call.version !== 'v1beta') throw modelNotFound(MODEL, call.version, 'decisions');
  const request = parseDecision(call.json);
  const contents = asContents(request);
  const asked = { ...call, model: MODEL, action: 'decisions' };
  const plan = sim.planner.plan(MODEL, sim.now(), 'standard', resolutionOf(contents));
  await endAtServerTimeout(sim, asked, plan);
  const refused = await refuse(sim, asked, plan);
  if (refused) return refused;
  const media = await readMedia(contents, sim.openFile(call.api), call.signal);
  const prompt = countPrompt(contents, media, FACTS);
  checkLength(prompt, FACTS);
  if (!plan.scripted) takeQuota(sim, MODEL, prompt.total);
  const usage = { total_input_tokens: prompt.total, total_output_tokens: 0, total_tokens: prompt.total };
  const decided = decidedBody(sim, plan.outcome, request, media.images);
  sim.ledger.add(MODEL, usageMetadata(prompt, 0, 0), 'standard');
  await waitOut(sim, asked, plan);
  const fault = plan.outcome.kind === 'fault' ? plan.outcome.fault : undefined;
  return answered({ ...decided, usage }, fault, { outcome: 'decided', outputTokens: 0 });
}

function decidedBody(
  sim: Simulation,
  outcome: Outcome,
  { questions }: DecisionRequest,
  images: readonly { bytes: Buffer }[],
): object {
  if (outcome.kind === 'fault') return faultyBody(outcome.fault, () => answersTo(questions, {}, images));
  if (outcome.kind === 'read' && sim.readImage)
    return blocked('other', 'The reader of the local cloud reads pictures and decides nothing.');
  const script: unknown = outcome.kind === 'text' ? JSON.parse(outcome.text) : {};
  return { answers: answersTo(questions, script, images) };
}

const blocked = (reason: string, message: string): object => ({
  prompt_feedback: { block_reason: reason, block_reason_message: message },
});

function faultyBody(fault: Fault, answers: () => Record<string, object>): object {
  switch (fault) {
    case 'blockedPrompt':
    case 'prohibited':
      return blocked('prohibited_content', 'The input was blocked.');
    case 'empty':
    case 'noContent':
      return {};
    case 'wrongShape':
      return { answers: Object.fromEntries(Object.entries(answers()).slice(1)) };
    case 'resetMidBody':
    case 'notJson':
      return { answers: answers() };
    default:
      throw new GeminiError(500, 'INTERNAL', 'Internal error encountered.');
  }
}

/** The same as a request of generateContent, to be read and counted like one. */
function asContents({ input, questions }: DecisionRequest): GenerateContentRequest {
  const all = typeof input === 'string' ? [{ type: 'text' as const, text: input }] : [input].flat();
  const parts = all.map((one): Part => {
    if (one.type === 'text') return { text: one.text };
    const level = `MEDIA_RESOLUTION_${(one.resolution ?? 'high').toUpperCase()}`;
    const mimeType = one.mime_type === undefined ? {} : { mimeType: one.mime_type };
    if ((one.data === undefined) === (one.uri === undefined))
      throw invalidArgument('Invalid request: an image has either data or uri');
    const source =
      one.data === undefined
        ? { fileData: { ...mimeType, fileUri: one.uri ?? '' } }
        : { inlineData: { ...mimeType, data: one.data } };
    return { ...source, mediaResolution: { level } } as Part;
  });
  return { contents: [{ role: 'user', parts: [...parts, { text: JSON.stringify(questions) }] }] };
}
