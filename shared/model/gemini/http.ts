import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** A whole answer, whatever its status. */
export interface HttpAnswer {
  status: number;
  retryAfter: string | undefined;
  /** Which service tier answered, as the Gemini API says in a header. */
  serviceTier: string | undefined;
  body: string;
}

/** A model's longest answer is 64 thousand tokens; whatever sends more than this is not the Gemini API. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/**
 * Posts JSON that comes in pieces, so that a picture of half a megabyte is neither escaped nor copied on its way: a
 * third of the CPU time of `fetch` with one string. Pieces are ASCII, or escaped to it. Uses Node's own agents, which
 * keep connections open and follow NODE_USE_ENV_PROXY.
 * @throws the signal's reason when it ends the call, otherwise what the connection failed with.
 */
export function postJson(
  url: URL,
  headers: Readonly<Record<string, string>>,
  pieces: readonly string[],
  signal: AbortSignal,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const open = url.protocol === 'http:' ? httpRequest : httpsRequest;
    const request = open(url, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json', 'Content-Length': length },
    });
    const abort = () => request.destroy(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    request.once('close', () => signal.removeEventListener('abort', abort));
    let answered = false;
    request.on('error', (error) => {
      // What happens to the connection of an answer is the answer's to tell: a refusal that was cut off is still one.
      if (!answered) reject(error);
    });
    request.once('response', (response) => {
      answered = true;
      collect(response, request)
        .then(resolve, reject)
        // A refusal may come before the picture has been read, and its sender may never read it.
        .finally(() => request.writableFinished || request.destroy());
    });
    request.cork();
    for (const piece of pieces) request.write(piece, 'latin1');
    request.end();
    request.uncork();
  });
}

async function collect(response: IncomingMessage, request: ClientRequest): Promise<HttpAnswer> {
  const { statusCode: status = 0, headers } = response;
  const body = await text(response, request).catch((error: unknown) => {
    if (status >= 400) return '';
    throw error;
  });
  const tier = headers['x-gemini-service-tier'];
  return {
    status,
    retryAfter: headers['retry-after'],
    serviceTier: typeof tier === 'string' ? tier : undefined,
    body,
  };
}

async function text(response: IncomingMessage, request: ClientRequest): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) {
      request.destroy();
      throw new Error(`an answer of more than ${MAX_ANSWER_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** What JSON says; undefined for what is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** JSON of which every character is ASCII, so that its length in bytes is its length. */
export const asciiJson = (value: unknown): string => toAscii(JSON.stringify(value));

/** The same JSON in ASCII alone. */
const toAscii = (json: string): string =>
  json.replace(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/**
 * `fetch` for a POST of JSON that may take longer than five minutes: the built-in one gives up when no header has come
 * by then, and its limit cannot be set without another package.
 */
export const patientFetch: typeof fetch = async (input, init) => {
  const { url, headers, body, signal } = requestOf(input, init);
  const answer = await postJson(new URL(url), Object.fromEntries(headers), [toAscii(body)], signal);
  const retryAfter = answer.retryAfter === undefined ? {} : { 'retry-after': answer.retryAfter };
  return new Response(answer.body, {
    status: answer.status,
    headers: { 'content-type': 'application/json', ...retryAfter },
  });
};

function requestOf(input: Parameters<typeof fetch>[0], init: RequestInit = {}) {
  if (input instanceof Request) throw new TypeError('An address is expected, not a Request.');
  return {
    url: String(input),
    headers: new Headers(init.headers),
    body: String(init.body ?? ''),
    signal: init.signal ?? new AbortController().signal,
  };
}
