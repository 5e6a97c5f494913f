import type {
  Content,
  CreateCachedContentConfig,
  GenerateContentConfig,
  GenerateContentParameters,
  GoogleGenAI,
  Part,
} from '@google/genai';
import { PipelineError } from '../../base/errors/pipeline-error.ts';
import { withDeadline } from '../../base/resilience/deadline.ts';
import {
  CONTEXT_ATTEMPT_MS,
  type ContextApi,
  ContextRefused,
  cachedParts,
  type StoredContext,
  seconds,
  storedContext,
} from '../context-cache/cache-api.ts';
import { type AskModel, type ModelRequest, referenceParts, saidResolution } from '../request.ts';
import { saidIn, translateDisconnection, translateRefusal, translateTokenFailure } from './failures.ts';
import { patientFetch } from './http.ts';
import { patienceOf } from './patience.ts';
import { readReply } from './reply.ts';

/** The location whose endpoint knows lanes. */
export const GLOBAL = 'global';

interface VertexApiOptions {
  project: string;
  /** A region such as `europe-west1`, a multi-region or `global`. */
  location: string;
  /** Where the API is; undefined is Google. */
  baseUrl?: string;
}

/** What our fetch learns of a call and the SDK keeps to itself. */
interface Observed {
  /** False while the SDK is still getting a token. */
  sent: boolean;
  httpStatus?: number;
  retryAfter?: string | null;
}

/**
 * Gemini through Vertex AI with the credentials of the process; the only file that imports `@google/genai`, and that at
 * the first call: a process that never calls it starts without its megabyte. The picture goes as `gs://` where it has one. The
 * SDK's retries, which ignore the requested wait, are off, and so is its automatic continuation, which makes further billed
 * calls.
 */
export function createVertexApi(options: VertexApiOptions): AskModel {
  const load = loader(options);
  const ask: AskModel = async (request, signal) => {
    signal.throwIfAborted();
    const sdk = await load();
    const observed: Observed = { sent: false };
    try {
      const headers = laneHeaders(options, request, signal);
      const parameters = await toParameters(request, signal, observed, headers);
      return readReply(await sdk.models.generateContent(parameters), request);
    } catch (error) {
      const { image } = request;
      if ('uri' in image && cannotReadYet(error, observed)) {
        const base64 = await image.read(signal);
        return ask({ ...request, image: { mimeType: image.mimeType, base64 } }, signal);
      }
      const failure = translate(error, request.model, observed, signal);
      throw await unlessGone(failure, request, signal);
    }
  };
  return ask;
}

/** Lanes are chosen by headers, at the global endpoint alone: a regional one would ignore them without a word. */
function laneHeaders(
  { location }: VertexApiOptions,
  request: ModelRequest,
  signal: AbortSignal,
): Readonly<Record<string, string>> {
  const { lane = 'standard' } = request;
  if (lane === 'standard' || location !== GLOBAL) return {};
  return {
    'X-Vertex-AI-LLM-Shared-Request-Type': lane,
    // Not from provisioned throughput first: the lane was asked for.
    'X-Vertex-AI-LLM-Request-Type': 'shared',
    ...(request.lane === 'flex' ? patienceOf(signal) : {}),
  };
}

/** Loads the SDK when first asked. */
function loader({ project, location, baseUrl }: VertexApiOptions): () => Promise<GoogleGenAI> {
  let loading: Promise<GoogleGenAI> | undefined;
  const load = async (): Promise<GoogleGenAI> => {
    const { GoogleGenAI } = await import('@google/genai');
    return new GoogleGenAI({
      vertexai: true,
      project,
      location,
      // Known here: otherwise the auth library asks a server for it before the first token.
      googleAuthOptions: { projectId: project },
      ...(baseUrl === undefined ? {} : { httpOptions: { baseUrl } }),
    });
  };
  return () => {
    loading ??= load();
    return loading;
  };
}

/** Explicit context caches of Vertex AI; each location has its own. */
export function createVertexContexts(options: VertexApiOptions): ContextApi {
  const load = loader(options);
  const ask = <T>(call: (sdk: GoogleGenAI, abortSignal: AbortSignal) => Promise<T>): Promise<T> =>
    withDeadline(CONTEXT_ATTEMPT_MS, undefined, async (signal) => {
      const sdk = await load();
      return call(sdk, signal).catch((error: unknown) => {
        const { status } = error as { status?: unknown };
        throw typeof status === 'number' ? new ContextRefused(status) : error;
      });
    });
  return {
    name: 'vertex',
    create: (contents, ttlMs): Promise<StoredContext> =>
      ask(async ({ caches }, abortSignal) => {
        const parts = cachedParts(contents) as unknown as Pick<
          CreateCachedContentConfig,
          'contents' | 'systemInstruction'
        >;
        const config = { ...parts, ttl: seconds(ttlMs), abortSignal };
        return storedContext(await caches.create({ model: contents.model, config }));
      }),
    extend: (name, ttlMs): Promise<StoredContext> =>
      ask(async ({ caches }, abortSignal) =>
        storedContext(await caches.update({ name, config: { ttl: seconds(ttlMs), abortSignal } })),
      ),
    delete: (name) =>
      ask(async ({ caches }, abortSignal) => {
        await caches.delete({ name, config: { abortSignal } });
      }),
  };
}

async function toParameters(
  {
    model,
    lane,
    step,
    instructions,
    references,
    prompt,
    responseSchema,
    image,
    repair,
    cachedContent,
  }: ModelRequest,
  signal: AbortSignal,
  observed: Observed,
  headers: Readonly<Record<string, string>>,
): Promise<GenerateContentParameters> {
  const { ofAll, ofEach, perPart } = saidResolution(step.mediaResolution);
  const picture = {
    ...('uri' in image
      ? { fileData: { mimeType: image.mimeType, fileUri: image.uri } }
      : { inlineData: { mimeType: image.mimeType, data: image.base64 } }),
    ...ofEach,
  } as Part;
  const explained = cachedContent === undefined ? (referenceParts(references, perPart) as Part[]) : [];
  const contents: Content[] = [{ role: 'user', parts: [...explained, picture, { text: prompt }] }];
  if (repair) {
    contents.push({ role: 'model', parts: [{ text: repair.answer }] });
    contents.push({ role: 'user', parts: [{ text: repair.issues }] });
  }
  // The SDK's types have enums and 64-bit numbers as strings where the API's JSON has names and numbers.
  const generation = {
    ...ofAll,
    thinkingConfig: { thinkingLevel: step.thinkingLevel.toUpperCase() },
    responseSchema,
  } as unknown as Pick<GenerateContentConfig, 'mediaResolution' | 'thinkingConfig' | 'responseSchema'>;
  return {
    model,
    contents,
    config: {
      // The API refuses instructions beside a cache, which holds them.
      ...(cachedContent === undefined ? { systemInstruction: instructions } : { cachedContent }),
      responseMimeType: 'application/json',
      maxOutputTokens: step.maxOutputTokens,
      ...generation,
      automaticContinuation: false,
      abortSignal: signal,
      httpOptions: {
        fetch: observing(observed, lane === 'flex' ? patientFetch : fetch),
        headers: { ...headers },
      },
    },
  };
}

const observing =
  (observed: Observed, send: typeof fetch): typeof fetch =>
  async (input, init) => {
    observed.sent = true;
    const response = await send(input, init);
    observed.httpStatus = response.status;
    observed.retryAfter = response.headers.get('retry-after');
    return response;
  };

/** The SDK's ApiError has the body of the answer as its message. */
const bodyOf = (error: unknown): string => (error instanceof Error ? error.message : '');

/**
 * For some minutes after the first call of a project Vertex AI has no service agent that could fetch a picture from a
 * bucket (https://cloud.google.com/vertex-ai/docs/general/access-control#service-agents).
 */
const cannotReadYet = (error: unknown, { httpStatus }: Observed): boolean =>
  httpStatus === 400 && saidIn(bodyOf(error)).status === 'FAILED_PRECONDITION';

function translate(
  error: unknown,
  model: string,
  { sent, httpStatus, retryAfter }: Observed,
  signal: AbortSignal,
): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof PipelineError) return error;
  if (!sent) return translateTokenFailure(error, model);
  if (httpStatus !== undefined && httpStatus >= 400) {
    return translateRefusal({ status: httpStatus, retryAfter, body: bodyOf(error) }, model);
  }
  return translateDisconnection(error, model, 'Vertex AI');
}

/** A picture that is gone is answered 400, 403 or 404, depending on what Vertex AI may see of the bucket. */
const MAY_BE_GONE: readonly (number | undefined)[] = [400, 403, 404];

async function unlessGone(failure: unknown, { image }: ModelRequest, signal: AbortSignal): Promise<unknown> {
  if (!(failure instanceof PipelineError) || !MAY_BE_GONE.includes(failure.facts.httpStatus)) return failure;
  if (!('uri' in image) || (await image.exists(signal))) return failure;
  return new PipelineError('SOURCE_GONE', `${image.uri} does not exist any more.`, { cause: failure });
}
