import { randomUUID } from 'node:crypto';
import {
  type GenerateContentRequest,
  GoogleGenerativeAI,
  GoogleGenerativeAIFetchError,
  type Part,
} from '@google/generative-ai';
import { PipelineError } from '../errors/pipeline-error.ts';
import { translateApiFailure } from './failures.ts';
import type { GenerateContent, ModelRequest } from './model.ts';
import { readReply } from './reply.ts';
import { HEADER, watchRetryAfter } from './retry-after.ts';
import { referenceParts } from './standing.ts';

export interface DeveloperApiOptions {
  apiKey: string;
  /** Where the API is; undefined is Google. */
  baseUrl?: string;
}

/**
 * Gemini through the Developer API; the only file that imports `@google/generative-ai`. The SDK's own timeout is not
 * used (its timer is never cleared), nor its `text()`. The signal ends the call.
 */
export function createDeveloperApi({ apiKey, baseUrl }: DeveloperApiOptions): GenerateContent {
  const sdk = new GoogleGenerativeAI(apiKey);
  return async (request, signal) => {
    // The SDK ignores a signal that is aborted already.
    signal.throwIfAborted();
    const call = randomUUID();
    const model = sdk.getGenerativeModel(
      // The API refuses instructions beside a cache, which holds them.
      request.cachedContent === undefined
        ? { model: request.model, systemInstruction: request.instructions }
        : { model: request.model },
      { ...(baseUrl === undefined ? {} : { baseUrl }), customHeaders: { [HEADER]: call } },
    );
    const body = await toBody(request, signal);
    let retryAfterMs: number | undefined;
    try {
      const { response } = await watchRetryAfter(
        call,
        (told) => {
          retryAfterMs = told;
        },
        () => model.generateContent(body, { signal }),
      );
      return readReply(response, request.model);
    } catch (error) {
      throw translate(error, request.model, retryAfterMs, signal);
    }
  };
}

/** The SDK passes fields through that its types, older than the API, do not know. */
async function toBody(
  { step, references, prompt, responseSchema, image, repair, cachedContent }: ModelRequest,
  signal: AbortSignal,
): Promise<GenerateContentRequest> {
  const data = 'uri' in image ? await image.read(signal) : image.base64;
  const generationConfig = {
    responseMimeType: 'application/json',
    responseSchema,
    maxOutputTokens: step.maxOutputTokens,
    mediaResolution: `MEDIA_RESOLUTION_${step.mediaResolution}`,
    thinkingConfig: { thinkingLevel: step.thinkingLevel },
  };
  const explained = cachedContent === undefined ? referenceParts(references) : [];
  return {
    ...(cachedContent === undefined ? {} : { cachedContent }),
    contents: [
      {
        role: 'user',
        parts: [
          ...(explained as Part[]),
          { inlineData: { mimeType: image.mimeType, data } },
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

function translate(
  error: unknown,
  model: string,
  retryAfterMs: number | undefined,
  signal: AbortSignal,
): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof GoogleGenerativeAIFetchError && error.status !== undefined) {
    const details: readonly unknown[] = error.errorDetails ?? [];
    return translateApiFailure(
      { httpStatus: error.status, message: googlesSentence(error), details, retryAfterMs },
      model,
      Date.now(),
    );
  }
  // Connection refused, reset, cut off in the middle of the body or a body that is no JSON: never our request's fault.
  const kind = error instanceof Error ? error.name : 'unknown error';
  return new PipelineError('MODEL_NETWORK', `${model}: the connection to the Gemini API failed.`, {
    cause: new Error(`${kind} while calling the Gemini API`),
  });
}

/** The SDK wraps Google's sentence as `Error fetching from URL: [400 Bad Request] SENTENCE DETAILS`. */
function googlesSentence({ message, errorDetails }: GoogleGenerativeAIFetchError): string {
  const details = errorDetails ? ` ${JSON.stringify(errorDetails)}` : '';
  const start = message.indexOf('] ');
  return message.slice(
    start < 0 ? 0 : start + 2,
    details !== '' && message.endsWith(details) ? -details.length : undefined,
  );
}
