import { randomUUID } from 'node:crypto';
import type { GenerateContentRequest, Part } from '@google/generative-ai';
import { DECISION_MODEL } from '../../profiles/decision-step.ts';
import { type AskModel, type ModelRequest, referenceParts, saidResolution } from '../request.ts';
import { createDecisions } from './decisions.ts';
import { translateDisconnection, translateRefusal } from './failures.ts';
import { asciiJson, type HttpAnswer, jsonOf, postJson } from './http.ts';
import { patienceOf } from './patience.ts';
import { readReply } from './reply.ts';

export interface DeveloperApiOptions {
  apiKey: string;
  /** Where the API is; undefined is Google. */
  baseUrl?: string;
  /** Whether Google may keep requests and answers: new projects do unless each request says no. Off unless asked for. */
  storeRequests?: boolean;
}

export const GOOGLE_API = 'https://generativelanguage.googleapis.com';

/**
 * Gemini through the Developer API, https://ai.google.dev/api/generate-content. Requests have the vendor's types; the
 * call is ours (docs/decisions/2026-11-20-own-call-of-gemini.md). The signal ends it.
 */
export function createDeveloperApi({
  apiKey,
  baseUrl = GOOGLE_API,
  storeRequests = false,
}: DeveloperApiOptions): AskModel {
  // A secret that was stored from a file ends with a line break, which no header may hold.
  const headers = { 'x-goog-api-key': apiKey.trim(), Accept: 'application/json' };
  const decide = createDecisions({ apiKey, baseUrl });
  return async (request, signal) => {
    if (request.model === DECISION_MODEL) return decide(request, signal);
    signal.throwIfAborted();
    const url = new URL(`${baseUrl}/v1beta/models/${encodeURIComponent(request.model)}:generateContent`);
    const data = 'uri' in request.image ? await request.image.read(signal) : request.image.base64;
    const answer = await postJson(
      url,
      { ...headers, ...(request.lane === 'flex' ? patienceOf(signal) : {}) },
      bodyOf(request, data, storeRequests),
      signal,
    ).catch((error: unknown) => {
      throw signal.aborted ? signal.reason : translateDisconnection(error, request.model);
    });
    if (answer.status < 200 || answer.status > 299) throw translateRefusal(answer, request.model);
    return readReply(parse(answer, request.model), request, answer.serviceTier);
  };
}

/** The body in three pieces, of which the middle one is the picture. */
function bodyOf(request: ModelRequest, base64: string, store: boolean): string[] {
  const place = randomUUID();
  const tier = request.lane === undefined ? {} : { service_tier: request.lane };
  const body = { ...toBody(request, place), store, ...tier };
  const [head = '', tail = ''] = asciiJson(body).split(place);
  return [head, base64, tail];
}

/** Fields that the vendor's types, older than the API, do not know are written as the API's reference has them. */
export function toBody(
  { step, instructions, references, prompt, responseSchema, image, repair, cachedContent }: ModelRequest,
  data: string,
): GenerateContentRequest {
  const { ofAll, ofEach, perPart } = saidResolution(step.mediaResolution);
  const generationConfig = {
    responseMimeType: 'application/json',
    responseSchema,
    maxOutputTokens: step.maxOutputTokens,
    ...ofAll,
    thinkingConfig: { thinkingLevel: step.thinkingLevel },
  };
  const explained = cachedContent === undefined ? referenceParts(references, perPart) : [];
  return {
    // The API refuses instructions beside a cache, which holds them.
    ...(cachedContent === undefined
      ? { systemInstruction: { role: 'system', parts: [{ text: instructions }] } }
      : { cachedContent }),
    contents: [
      {
        role: 'user',
        parts: [
          ...(explained as Part[]),
          { inlineData: { mimeType: image.mimeType, data }, ...ofEach },
          { text: prompt },
        ],
      },
      ...(repair
        ? [
            { role: 'model', parts: [{ text: repair.answer }] },
            { role: 'user', parts: [{ text: repair.issues }] },
          ]
        : []),
    ],
    generationConfig: generationConfig as unknown as NonNullable<GenerateContentRequest['generationConfig']>,
  };
}

function parse({ body }: HttpAnswer, model: string): unknown {
  const parsed = jsonOf(body);
  if (parsed === undefined) throw translateDisconnection(new SyntaxError('no JSON'), model);
  return parsed;
}
