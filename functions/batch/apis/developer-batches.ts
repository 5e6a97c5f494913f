import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { PipelineError } from '../../../shared/base/errors/pipeline-error.ts';
import { GOOGLE_API, toBody } from '../../../shared/model/gemini/developer-api.ts';
import { asciiJson, jsonOf } from '../../../shared/model/gemini/http.ts';
import { readReply } from '../../../shared/model/gemini/reply.ts';
import type { BatchApi, RemoteJob, ResultLine } from './batch-api.ts';
import { askGoogle, callGoogle, streamGoogle, unlessMissing } from './batch-http.ts';
import { linesOf, parseLine, piecesOf } from './json-lines.ts';

interface DeveloperBatchOptions {
  apiKey: string;
  /** Where the API is; undefined is Google. */
  baseUrl?: string;
  storeRequests: boolean;
}

/** All but the last piece of an upload are a multiple of 8 MiB (Files API, resumable protocol). */
const PIECE_BYTES = 8 * 1024 * 1024;

const count = z.coerce.number().catch(0).default(0);

/** A batch is a long-running operation; its states are BATCH_STATE_… on the wire and JOB_STATE_… in the documentation. */
const operation = z.object({
  name: z.string(),
  metadata: z.object({
    displayName: z.string().default(''),
    state: z.string().default(''),
    batchStats: z.object({ successfulRequestCount: count, failedRequestCount: count }).prefault({}),
  }),
  response: z.object({ responsesFile: z.string().optional() }).optional(),
  error: z.object({ message: z.string().default('') }).optional(),
});

const page = z.object({ operations: z.array(z.unknown()).default([]), nextPageToken: z.string().optional() });
const uploaded = z.object({ file: z.object({ name: z.string() }) });
const refusal = z.object({ code: z.number().catch(500), message: z.string().catch('') });

/** Batches of the Gemini API by a file of requests (https://ai.google.dev/gemini-api/docs/batch-api). */
export function createDeveloperBatches(options: DeveloperBatchOptions): BatchApi {
  const { baseUrl = GOOGLE_API, apiKey, storeRequests } = options;
  const headers = { 'x-goog-api-key': apiKey.trim() };
  const at = (path: string): string => `${baseUrl}/v1beta/${path}`;
  return {
    name: 'developer',
    line: (key, request, picture) => {
      const place = randomUUID();
      const body = { key, request: { ...toBody(request, place), store: storeRequests } };
      const [head = '', tail = ''] = asciiJson(body).split(place);
      return { key, head, tail: `${tail}\n`, picture };
    },
    store: async (id, lines, bytes, signal) => {
      const begun = {
        method: 'POST',
        url: `${baseUrl}/upload/v1beta/files`,
        model: id,
        signal,
        headers: {
          ...headers,
          'content-type': 'application/json',
          'X-Goog-Upload-Protocol': 'resumable',
          'X-Goog-Upload-Command': 'start',
          'X-Goog-Upload-Header-Content-Length': String(bytes),
          'X-Goog-Upload-Header-Content-Type': 'application/jsonl',
        },
        body: JSON.stringify({ file: { display_name: id } }),
      } as const;
      const url = await callGoogle(begun, async (response) => {
        await response.arrayBuffer();
        return response.headers.get('x-goog-upload-url');
      });
      if (url === null)
        throw new PipelineError('MODEL_NETWORK', `${id}: the Files API named no address to upload to.`);
      return sendPieces(url, id, lines, bytes, signal);
    },
    create: async (id, model, input, signal) => {
      const url = at(`models/${encodeURIComponent(model)}:batchGenerateContent`);
      const json = { batch: { display_name: id, input_config: { file_name: input } } };
      return remoteOf(await askGoogle({ method: 'POST', url, headers, json, model, signal }), id);
    },
    find: async (id, signal) => {
      let token: string | undefined;
      do {
        const more: string = token === undefined ? '' : `&pageToken=${encodeURIComponent(token)}`;
        const url = at(`batches?pageSize=100${more}`);
        const found = page.parse(await askGoogle({ method: 'GET', url, headers, model: id, signal }));
        const mine = found.operations.find(
          (one) => operation.safeParse(one).data?.metadata.displayName === id,
        );
        if (mine !== undefined) return remoteOf(mine, id);
        token = found.nextPageToken;
      } while (token !== undefined);
      return undefined;
    },
    get: async (name, signal) => {
      const found = await unlessMissing(
        askGoogle({ method: 'GET', url: at(name), headers, model: name, signal }),
      );
      return found === undefined ? undefined : remoteOf(found, name);
    },
    cancel: async (name, signal) => {
      await askGoogle({ method: 'POST', url: at(`${name}:cancel`), headers, json: {}, model: name, signal });
    },
    results: async function* (output, model, signal) {
      const url = `${baseUrl}/download/v1beta/${output}:download?alt=media`;
      const pieces = streamGoogle({ method: 'GET', url, headers, model, signal });
      for await (const line of linesOf(pieces)) if (line !== '') yield resultOf(line, model);
    },
    discard: async ({ input, output }, signal) => {
      for (const file of [input, output])
        if (file !== undefined)
          await askGoogle({ method: 'DELETE', url: at(file), headers, model: file, signal }).catch(
            () => undefined,
          );
    },
  };
}

/** Each piece is there when its answer comes, so that one after another is held in memory. */
async function sendPieces(
  url: string,
  id: string,
  lines: AsyncIterable<Buffer>,
  bytes: number,
  signal: AbortSignal,
): Promise<string> {
  let offset = 0;
  for await (const body of piecesOf(lines, PIECE_BYTES)) {
    const isLast = offset + body.length === bytes;
    const headers = {
      'X-Goog-Upload-Offset': String(offset),
      'X-Goog-Upload-Command': isLast ? 'upload, finalize' : 'upload',
    };
    const sent = { method: 'POST', url, headers, body, model: id, signal } as const;
    const said = await callGoogle(sent, (response) => response.text());
    offset += body.length;
    if (isLast) return uploaded.parse(jsonOf(said)).file.name;
  }
  throw new PipelineError(
    'UNKNOWN',
    `${id}: ${offset} bytes of requests were sent, ${bytes} were announced.`,
  );
}

const STATES: readonly (readonly [string, RemoteJob['state']])[] = [
  ['RUNNING', 'running'],
  ['SUCCEEDED', 'succeeded'],
  ['FAILED', 'failed'],
  ['CANCELLED', 'cancelled'],
  ['EXPIRED', 'expired'],
];

function remoteOf(json: unknown, id: string): RemoteJob {
  const parsed = operation.safeParse(json);
  if (!parsed.success)
    throw new PipelineError('MODEL_NETWORK', `${id}: the batch API answered what is no batch.`, {
      cause: parsed.error,
    });
  const { name, metadata, response, error } = parsed.data;
  const { successfulRequestCount: answered, failedRequestCount: refused } = metadata.batchStats;
  return {
    name,
    state: STATES.find(([word]) => metadata.state.endsWith(`_${word}`))?.[1] ?? 'pending',
    progress: { answered, refused },
    ...(response?.responsesFile === undefined ? {} : { output: response.responsesFile }),
    ...(error ? { problem: error.message } : {}),
  };
}

function resultOf(line: string, model: string): ResultLine | undefined {
  const row = parseLine(line);
  const key = row?.['key'];
  if (row === undefined || typeof key !== 'string') return undefined;
  if (row['response'] !== undefined)
    return { key, reply: readReply(row['response'], { model, lane: 'batch' }) };
  const { code, message } = refusal.parse(row['error'] ?? {});
  return { key, refusal: { status: HTTP_OF_RPC[code] ?? code, message } };
}

/** Rows may be refused by a code of gRPC (https://cloud.google.com/apis/design/errors#handling_errors). */
const HTTP_OF_RPC: Readonly<Record<number, number>> = {
  ...{ 1: 499, 2: 500, 3: 400, 4: 504, 5: 404, 7: 403, 8: 429, 9: 400 },
  ...{ 10: 409, 11: 400, 12: 501, 13: 500, 14: 503, 15: 500, 16: 401 },
};
