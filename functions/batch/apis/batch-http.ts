import { PipelineError } from '../../../shared/base/errors/pipeline-error.ts';
import { withDeadline } from '../../../shared/base/resilience/deadline.ts';
import { translateDisconnection, translateRefusal } from '../../../shared/model/gemini/failures.ts';
import { jsonOf } from '../../../shared/model/gemini/http.ts';

interface Call {
  method: 'GET' | 'POST' | 'DELETE';
  url: string;
  headers: Readonly<Record<string, string>>;
  body?: string | Buffer;
  /** Whose refusal a failure says it was. */
  model: string;
  signal: AbortSignal;
}

/** One call, its answer's body read or streamed by the caller. Milliseconds. */
const CALL_MS = 60_000;

/** The answer of Google, whatever its body; throws a PipelineError for a refusal and MODEL_NETWORK without an answer. */
export async function callGoogle({ method, url, headers, body, model, signal }: Call): Promise<Response> {
  let response: Response;
  try {
    response = await withDeadline(CALL_MS, signal, (inner) =>
      fetch(url, { method, headers, signal: inner, ...(body === undefined ? {} : { body: body as string }) }),
    );
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw translateDisconnection(error, model, 'the batch API');
  }
  if (response.ok) return response;
  const said = await response.text().catch(() => '');
  const retryAfter = response.headers.get('retry-after');
  throw translateRefusal({ status: response.status, retryAfter, body: said }, model);
}

/** The same with a JSON answer. */
export async function askGoogle(call: Omit<Call, 'body'> & { json?: unknown }): Promise<unknown> {
  const { json, ...rest } = call;
  const headers = { ...rest.headers, ...(json === undefined ? {} : { 'content-type': 'application/json' }) };
  const response = await callGoogle({
    ...rest,
    headers,
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  const text = await response.text().catch((error: unknown) => {
    throw new PipelineError('MODEL_NETWORK', `${rest.model}: an answer of the batch API broke off.`, {
      cause: error,
    });
  });
  return jsonOf(text) ?? {};
}

/** Undefined for what does not exist: both 404 and, of the Files API, 403. */
export const unlessMissing = async <T>(work: Promise<T>): Promise<T | undefined> => {
  try {
    return await work;
  } catch (error) {
    if (error instanceof PipelineError && error.facts.httpStatus === 404) return undefined;
    throw error;
  }
};
