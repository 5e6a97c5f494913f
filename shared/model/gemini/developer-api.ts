import { randomUUID } from 'node:crypto';
import type { GenerateContentRequest, Part } from '@google/generative-ai';
import { z } from 'zod';
import { PipelineError } from '../../base/errors/pipeline-error.ts';
import { type AskModel, type ModelRequest, referenceParts, saidResolution } from '../request.ts';
import { parseRetryAfter, translateApiFailure } from './failures.ts';
import { asciiJson, type HttpAnswer, postJson } from './http.ts';
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
  return async (request, signal) => {
    signal.throwIfAborted();
    const url = new URL(`${baseUrl}/v1beta/models/${encodeURIComponent(request.model)}:generateContent`);
    const data = 'uri' in request.image ? await request.image.read(signal) : request.image.base64;
    const answer = await postJson(
      url,
      { ...headers, ...(request.lane === 'flex' ? patienceOf(signal) : {}) },
      bodyOf(request, data, storeRequests),
      signal,
    ).catch((error: unknown) => {
      throw signal.aborted ? signal.reason : disconnected(request.model, error);
    });
    if (answer.status < 200 || answer.status > 299) throw refused(answer, request.model);
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

const errorBody = z.object({
  error: z.object({ message: z.string().default(''), details: z.array(z.unknown()).default([]) }),
});

/** The status counts even when the body of the error is no JSON or was cut off. */
function refused({ status, retryAfter = '', body }: HttpAnswer, model: string): unknown {
  const found = errorBody.safeParse(jsonOf(body)).data?.error ?? { message: '', details: [] };
  const retryAfterMs = parseRetryAfter(retryAfter, Date.now());
  return translateApiFailure({ httpStatus: status, ...found, retryAfterMs }, model, Date.now());
}

function parse({ body }: HttpAnswer, model: string): unknown {
  const parsed = jsonOf(body);
  if (parsed === undefined) throw disconnected(model, new SyntaxError('no JSON'));
  return parsed;
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Connection refused, reset, cut off in the middle of the body or a body that is no JSON: never our request's fault. */
function disconnected(model: string, error: unknown): PipelineError {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return new PipelineError('MODEL_NETWORK', `${model}: the connection to the Gemini API failed.`, {
    cause: new Error(`${String(code ?? name ?? 'unknown error')} while calling the Gemini API`),
  });
}
