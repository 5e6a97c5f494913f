import type { IncomingHttpHeaders } from 'node:http';
import type { ApiName } from './address.ts';
import type { CachedContent } from './caches.ts';
import { invalidArgument } from './errors.ts';
import { type Fault, isReplyFault } from './fault-names.ts';
import { callFor, mustCall } from './functions.ts';
import { askedAbout, type RequestImage, readMedia, resolutionOf } from './images.ts';
import type { ModelFacts } from './models.ts';
import type { Outcome } from './plan.ts';
import { answered, checkLength, endAtServerTimeout, refuse, takeQuota, waitOut } from './planned-call.ts';
import { answerText, readAll } from './reading.ts';
import {
  answerReply,
  callReply,
  faultyReply,
  type GenerateContentReply,
  type ReplyContext,
} from './replies.ts';
import type { GenerateContentRequest } from './request.ts';
import { checkRequest, findModel } from './request-check.ts';
import { parseMessage } from './request-parse.ts';
import type { Sent } from './send.ts';
import type { Simulation } from './simulation.ts';
import { askedTier, type ServiceTier, servedBy, shed } from './tiers.ts';
import { countPrompt, type PromptTokens, thoughtTokens } from './usage.ts';

interface GenerateCall {
  model: string;
  /** `generateContent` or `streamGenerateContent`: what an error says was asked for. */
  action: string;
  api: ApiName;
  /** `v1` or `v1beta`. */
  version: string;
  /** Of Vertex AI: project, location and publisher. */
  publisher?: string | undefined;
  headers: IncomingHttpHeaders;
  json: unknown;
  arrivedAt: number;
  signal: AbortSignal;
  /** Of a row of a batch job, whatever the request says. */
  tier?: ServiceTier;
}

interface Prepared {
  request: GenerateContentRequest;
  model: ModelFacts;
  cache: CachedContent | undefined;
  /** All pictures that the model sees, those of the cache first. */
  images: readonly RequestImage[];
  /** Those that it is asked about; the others explain what is asked. */
  asked: readonly RequestImage[];
  prompt: PromptTokens;
}

/** One generateContent call: check, decide its fate, count, wait as long as the model would, answer. */
export async function generateContent(sim: Simulation, call: GenerateCall): Promise<Sent> {
  const model = findModel(sim.models, call.model, call.version, call.action);
  const request = parseMessage<GenerateContentRequest>('GenerateContentRequest', call.json);
  checkRequest(request, model);
  // Of the Developer API alone: the vendor's client refuses to send it to Vertex AI.
  if (call.api === 'vertex' && request.store !== undefined)
    throw invalidArgument('Invalid JSON payload received. Unknown name "store": Cannot find field.');
  const asked = call.tier ?? askedTier(call, request.serviceTier);
  if (sim.planner.sheds(call.model, asked)) throw shed(call.api);
  const plan = sim.planner.plan(call.model, sim.now(), asked, resolutionOf(request));
  await endAtServerTimeout(sim, call, plan);
  const refused = await refuse(sim, call, plan);
  if (refused) return refused;
  const prepared = await prepare(sim, call, request, model);
  if (!plan.scripted && asked !== 'batch') takeQuota(sim, call.model, prepared.prompt.total);
  const tier = sim.planner.servedTier(call.model, asked);
  const reply = await respond(sim, { ...call, tier }, plan.outcome, prepared);
  await waitOut(sim, call, plan);
  const tiers = {
    ...(asked === 'standard' ? {} : { tier: asked }),
    ...(tier === asked ? {} : { served: tier }),
  };
  return { ...reply, seen: { ...seen(prepared), ...tiers } };
}

async function prepare(
  sim: Simulation,
  call: GenerateCall,
  request: GenerateContentRequest,
  model: ModelFacts,
): Promise<Prepared> {
  const cache = findCache(sim, call.model, request);
  const media = await readMedia(request, sim.openFile(call.api), call.signal);
  const own = media.images;
  const prompt = countPrompt(request, media, model, cache);
  checkLength(prompt, model);
  const before = cache?.images ?? [];
  const asked = own.length > 0 ? askedAbout(request, own) : before;
  return { request, model, cache, images: [...before, ...own], asked, prompt };
}

function findCache(
  sim: Simulation,
  model: string,
  request: GenerateContentRequest,
): CachedContent | undefined {
  if (request.cachedContent === undefined) return undefined;
  if (request.systemInstruction || request.tools || request.toolConfig) {
    throw invalidArgument(
      'CachedContent can not be used with GenerateContent request setting system_instruction, tools or tool_config.\n\n' +
        'Proposed fix: move those values to CachedContent from GenerateContent request.',
    );
  }
  const cache = sim.caches.get(request.cachedContent, sim.now());
  if (cache.model === `models/${model}`) return cache;
  throw invalidArgument(
    `Model used by GenerateContent request (models/${model}) and CachedContent (${cache.model}) has to be the same.`,
  );
}

async function respond(
  sim: Simulation,
  call: GenerateCall & { tier: ServiceTier },
  outcome: Outcome,
  prepared: Prepared,
): Promise<Sent> {
  const { request, model, asked, prompt } = prepared;
  const config = request.generationConfig ?? {};
  const context: ReplyContext = {
    model: call.model,
    responseId: sim.nextResponseId(),
    prompt,
    thoughts: thoughtTokens(request, model),
    includeThoughts: config.thinkingConfig?.includeThoughts === true,
    ...(config.maxOutputTokens === undefined ? {} : { maxOutputTokens: config.maxOutputTokens }),
  };
  const fault = outcome.kind === 'fault' ? outcome.fault : undefined;
  const deliver = (reply: GenerateContentReply) => deliverBy(sim, call, reply, fault);
  if (outcome.kind === 'text') return deliver(answerReply(outcome.text, context));
  const facts = await readAll(asked, model, sim.readImage, call.signal);
  if (fault && isReplyFault(fault)) {
    return deliver(faultyReply(fault, answerText(facts, config), context));
  }
  const reply = mustCall(request)
    ? callReply(callFor(request, facts, context.responseId), context)
    : answerReply(answerText(facts, config), context);
  return deliver(reply);
}

function deliverBy(
  sim: Simulation,
  { api, tier }: GenerateCall & { tier: ServiceTier },
  unpriced: GenerateContentReply,
  fault: Fault | undefined,
): Sent {
  const { usage, headers } = servedBy(api, tier);
  const reply = { ...unpriced, usageMetadata: { ...unpriced.usageMetadata, ...usage } };
  sim.ledger.add(reply.modelVersion, reply.usageMetadata, tier);
  const { candidatesTokenCount = 0, thoughtsTokenCount = 0 } = reply.usageMetadata;
  const outputTokens = candidatesTokenCount + thoughtsTokenCount;
  const finish = reply.candidates?.[0]?.finishReason ?? reply.promptFeedback?.blockReason ?? 'none';
  return answered(reply, fault, { headers, outcome: finish, outputTokens });
}

const seen = ({ prompt, images }: Prepared): NonNullable<Sent['seen']> => ({
  promptTokens: prompt.total,
  imageTokens: prompt.image,
  images: images.map(({ width, height, bytes, resolution }) => ({
    width,
    height,
    bytes: bytes.length,
    mediaResolution: resolution,
  })),
});
