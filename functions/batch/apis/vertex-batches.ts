import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { GoogleAuth } from 'google-auth-library';
import { z } from 'zod';
import { PipelineError } from '../../../shared/base/errors/pipeline-error.ts';
import type { Buckets } from '../../../shared/cloud/storage/buckets.ts';
import { toBody } from '../../../shared/model/gemini/developer-api.ts';
import { translateTokenFailure } from '../../../shared/model/gemini/failures.ts';
import { asciiJson } from '../../../shared/model/gemini/http.ts';
import { readReply } from '../../../shared/model/gemini/reply.ts';
import { vertexHost } from '../../../shared/model/gemini/vertex-host.ts';
import type { ModelRequest } from '../../../shared/model/request.ts';
import type { BatchApi, RemoteJob, ResultLine } from './batch-api.ts';
import { askGoogle, piecesInTime, unlessMissing } from './batch-http.ts';
import { linesOf, parseLine } from './json-lines.ts';

interface VertexBatchOptions {
  project: string;
  location: string;
  /** Where the API is; undefined is Google. */
  baseUrl?: string;
  /** The bucket of prepared pictures holds requests and answers too, below `batches/`. */
  bucket: string;
  buckets: Pick<Buckets, 'upload' | 'list' | 'delete' | 'openStream'>;
}

/** Begins each key: of one in a million pictures the id has digits only, and Vertex AI echoes such a text as a number. */
const LETTER = 'k';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

const count = z.coerce.number().catch(0).default(0);

const prediction = z.object({
  name: z.string(),
  displayName: z.string().default(''),
  state: z.string().default(''),
  outputInfo: z.object({ gcsOutputDirectory: z.string().optional() }).optional(),
  error: z.object({ message: z.string().default('') }).optional(),
  completionStats: z.object({ successfulCount: count, failedCount: count }).prefault({}),
});

const listed = z.object({ batchPredictionJobs: z.array(z.unknown()).default([]) });

/** `Bad Request: {"error":{"code":400,…}}` of a row that failed. */
const ROW_STATUS = /\{"error":.*\}\s*$/s;
const rowError = z.object({
  error: z.object({ code: z.number().catch(500), message: z.string().catch('') }),
});

/**
 * Batches of Vertex AI: requests and answers in Cloud Storage, pictures by their gs:// address
 * (https://docs.cloud.google.com/gemini-enterprise-agent-platform, batch inference). Its import refuses empty records and
 * names with a `$`, which response schemas and requests of ours do not have.
 */
export function createVertexBatches(options: VertexBatchOptions): BatchApi {
  const { project, location, bucket, buckets } = options;
  const base = `${options.baseUrl ?? `https://${vertexHost(location)}`}/v1`;
  const jobs = `projects/${project}/locations/${location}/batchPredictionJobs`;
  const auth = new GoogleAuth({ scopes: [SCOPE], projectId: project });
  const ask = async (
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    signal: AbortSignal,
    json?: unknown,
  ) => {
    const token = await auth.getAccessToken().catch((error: unknown) => {
      throw translateTokenFailure(error, 'Vertex AI');
    });
    const headers = { authorization: `Bearer ${token}` };
    return askGoogle({
      method,
      url: `${base}/${path}`,
      headers,
      model: 'Vertex AI',
      signal,
      ...(json === undefined ? {} : { json }),
    });
  };
  return {
    name: 'vertex',
    line: (key, request, picture) => ({
      key,
      head: `${asciiJson({ key: `${LETTER}${key}`, request: bodyOf(request, picture) })}\n`,
      tail: '',
    }),
    store: async (id, lines, _bytes, signal) => {
      const name = `batches/${id}/input.jsonl`;
      await buckets.upload({ bucket, name }, Readable.from(lines), {
        contentType: 'application/jsonl',
        signal,
      });
      return `gs://${bucket}/${name}`;
    },
    create: async (id, model, input, signal) => {
      const json = {
        displayName: id,
        model: `publishers/google/models/${model}`,
        inputConfig: { instancesFormat: 'jsonl', gcsSource: { uris: [input] } },
        // A prefix of its own: jobs that are created at the same instant would write over each other.
        outputConfig: {
          predictionsFormat: 'jsonl',
          gcsDestination: { outputUriPrefix: `gs://${bucket}/batches/${id}/output` },
        },
      };
      return remoteOf(await ask('POST', jobs, signal, json));
    },
    find: async (id, signal) => {
      const filter = encodeURIComponent(`display_name="${id}"`);
      const { batchPredictionJobs } = listed.parse(await ask('GET', `${jobs}?filter=${filter}`, signal));
      const [mine] = batchPredictionJobs;
      return mine === undefined ? undefined : remoteOf(mine);
    },
    get: async (name, signal) => {
      const found = await unlessMissing(ask('GET', name, signal));
      return found === undefined ? undefined : remoteOf(found);
    },
    cancel: async (name, signal) => {
      await ask('POST', `${name}:cancel`, signal, {});
    },
    results: async function* (output, model, signal) {
      for (const target of await objectsBelow(options, output))
        if (/\/predictions[^/]*\.jsonl$/.test(target.name))
          for await (const line of linesOf(
            piecesInTime((inner) => buckets.openStream(target, inner), model, signal),
          ))
            if (line !== '') yield resultOf(line, model);
    },
    discard: async ({ input, output }) => {
      for (const place of [input, output])
        if (place !== undefined)
          for (const target of await objectsBelow(options, place)) await buckets.delete(target);
    },
  };
}

/** The same body in Vertex AI's spelling, with the picture by its address. */
function bodyOf(request: ModelRequest, { bucket, name }: { bucket: string; name: string }): unknown {
  const place = randomUUID();
  const { contents, generationConfig, systemInstruction } = toBody(request, place);
  const named = { fileData: { mimeType: request.image.mimeType, fileUri: `gs://${bucket}/${name}` } };
  return {
    systemInstruction,
    contents: contents.map((content) => ({
      ...content,
      parts: content.parts.map(({ inlineData, ...said }) =>
        inlineData?.data === place
          ? { ...said, ...named }
          : { ...said, ...(inlineData ? { inlineData } : {}) },
      ),
    })),
    generationConfig: {
      ...generationConfig,
      thinkingConfig: { thinkingLevel: request.step.thinkingLevel.toUpperCase() },
    },
  };
}

/** Objects of a folder or the one of that name, by their names, so that lines keep their order. */
async function objectsBelow({ buckets }: VertexBatchOptions, uri: string) {
  const [, bucket = '', prefix = ''] = /^gs:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  const found = [];
  let pageToken: string | undefined;
  do {
    const page = await buckets.list(bucket, {
      prefix,
      limit: 500,
      ...(pageToken === undefined ? {} : { pageToken }),
    });
    found.push(...page.objects.map(({ ref }) => ref));
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  return found;
}

const STATES: Readonly<Record<string, RemoteJob['state']>> = {
  JOB_STATE_RUNNING: 'running',
  JOB_STATE_CANCELLING: 'running',
  JOB_STATE_SUCCEEDED: 'succeeded',
  JOB_STATE_PARTIALLY_SUCCEEDED: 'succeeded',
  JOB_STATE_FAILED: 'failed',
  JOB_STATE_CANCELLED: 'cancelled',
  JOB_STATE_EXPIRED: 'expired',
};

function remoteOf(json: unknown): RemoteJob {
  const parsed = prediction.safeParse(json);
  if (!parsed.success)
    throw new PipelineError('MODEL_NETWORK', 'Vertex AI answered what is no batch job.', {
      cause: parsed.error,
    });
  const { name, state, outputInfo, error, completionStats } = parsed.data;
  const output = outputInfo?.gcsOutputDirectory;
  return {
    name,
    state: STATES[state] ?? 'pending',
    progress: {
      answered: Math.max(0, completionStats.successfulCount),
      refused: Math.max(0, completionStats.failedCount),
    },
    ...(output === undefined ? {} : { output: output.endsWith('/') ? output : `${output}/` }),
    ...(error ? { problem: error.message } : {}),
  };
}

function resultOf(line: string, model: string): ResultLine | undefined {
  const row = parseLine(line);
  const echoed = row?.['key'];
  if (row === undefined || typeof echoed !== 'string') return undefined;
  const key = echoed.startsWith(LETTER) ? echoed.slice(LETTER.length) : echoed;
  const status = typeof row['status'] === 'string' ? row['status'] : '';
  const response = row['response'];
  if (status === '' && typeof response === 'object' && response !== null && Object.keys(response).length > 0)
    return { key, reply: readReply(response, { model, lane: 'batch' }) };
  const [told = ''] = ROW_STATUS.exec(status) ?? [];
  const { code, message } = rowError.safeParse(parseLine(told)).data?.error ?? { code: 500, message: status };
  return { key, refusal: { status: code, message } };
}
