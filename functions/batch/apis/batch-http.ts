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

/** One call with its whole answer, or of a file that is streamed the wait for each of its pieces. Milliseconds. */
const CALL_MS = 60_000;

/**
 * What `read` makes of Google's answer, body and all within the call's time; throws a PipelineError for a refusal and
 * MODEL_NETWORK for an answer that does not come, or not to its end.
 */
export async function callGoogle<T>(call: Call, read: (response: Response) => Promise<T>): Promise<T> {
  const { model, signal } = call;
  try {
    return await withDeadline(CALL_MS, signal, async (inner) => read(await accepted(call, inner)));
  } catch (error) {
    throw asFailure(error, model, signal);
  }
}

/** The same with a JSON answer. */
export async function askGoogle(call: Omit<Call, 'body'> & { json?: unknown }): Promise<unknown> {
  const { json, ...rest } = call;
  const headers = { ...rest.headers, ...(json === undefined ? {} : { 'content-type': 'application/json' }) };
  const body = json === undefined ? {} : { body: JSON.stringify(json) };
  const text = await callGoogle({ ...rest, ...body, headers }, (response) => response.text());
  return jsonOf(text) ?? {};
}

/** The pieces of a file that may take long, as long as they keep coming. */
export const streamGoogle = (call: Call): AsyncGenerator<Uint8Array> =>
  piecesInTime(async (inner) => (await accepted(call, inner)).body ?? [], call.model, call.signal);

/**
 * What `open` gives, piece by piece; throws MODEL_NETWORK when one does not come, and ends with `signal`. `open` gets a signal
 * that is aborted when nobody reads on.
 */
export async function* piecesInTime(
  open: (signal: AbortSignal) => Promise<AsyncIterable<Uint8Array> | readonly Uint8Array[]>,
  model: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const whole = new AbortController();
  const inTime = <T>(work: () => Promise<T>): Promise<T> =>
    withDeadline(CALL_MS, signal, work).catch((error: unknown) => {
      throw asFailure(error, model, signal);
    });
  try {
    const pieces = await inTime(() => open(whole.signal));
    const iterator = Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces.values();
    for (;;) {
      const next = await inTime(async () => iterator.next());
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // Asking the iterator to end would wait for the piece that does not come.
    whole.abort();
  }
}

async function accepted({ method, url, headers, body, model }: Call, signal: AbortSignal): Promise<Response> {
  const response = await fetch(url, {
    ...{ method, headers, signal },
    ...(body === undefined ? {} : { body: body as string }),
  });
  if (response.ok) return response;
  const said = await response.text().catch(() => '');
  const retryAfter = response.headers.get('retry-after');
  throw translateRefusal({ status: response.status, retryAfter, body: said }, model);
}

function asFailure(error: unknown, model: string, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  return error instanceof PipelineError ? error : translateDisconnection(error, model, 'the batch API');
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
