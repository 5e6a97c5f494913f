import { badRequest, GeminiError, invalidArgument } from '../errors.ts';
import { findModel } from '../request-check.ts';
import { parseMessage } from '../request-parse.ts';
import { json, type Sent } from '../send.ts';
import type { Simulation } from '../simulation.ts';
import type { InlineRow, JobInput, SimulatedJob } from './job.ts';
import { isOver } from './job.ts';
import { runJob } from './run-job.ts';

interface BatchCall {
  path: string;
  version: string;
  json: unknown;
}

interface CreateRequest {
  batch?: {
    displayName?: string;
    inputConfig?: { fileName?: string; requests?: { requests?: InlineRow[] } };
  };
}

/** All requests of an inline batch together: https://ai.google.dev/gemini-api/docs/batch-api */
const MAX_INLINE_BYTES = 20 * 1024 * 1024;

const PACKAGE = 'type.googleapis.com/google.ai.generativelanguage.v1main';

/** `POST models/{model}:batchGenerateContent` */
export async function createBatch(sim: Simulation, call: BatchCall, model: string): Promise<Sent> {
  findModel(sim.models, model, call.version, 'batchGenerateContent');
  const { batch } = parseMessage<CreateRequest>('BatchGenerateContentRequest', call.json);
  if (!batch?.displayName)
    throw badRequest([{ field: 'batch.display_name', description: 'batch.display_name is required.' }]);
  const input = await inputOf(sim, batch.inputConfig ?? {}, call.json);
  const batchCreate = sim.planner.batchCreation(model);
  if (batchCreate === 'lost') return { kind: 'reset', outcome: 'reset' };
  if (batchCreate === 'quota')
    throw new GeminiError(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota of enqueued tokens.');
  const { batchMaxJobs } = sim.planner.settings(model);
  const job = sim.jobs.add(
    { api: 'developer', model, displayName: batch.displayName, input },
    sim.now(),
    batchMaxJobs,
  );
  void runJob(sim, job);
  // The job is there, and its creator does not learn of it.
  if (batchCreate === 'unheard') return { kind: 'reset', outcome: 'reset' };
  return json(200, showBatch(job), 'created');
}

async function inputOf(
  sim: Simulation,
  { fileName, requests }: NonNullable<NonNullable<CreateRequest['batch']>['inputConfig']>,
  body: unknown,
): Promise<JobInput> {
  if (fileName !== undefined) {
    await sim.files.get(fileName, sim.now());
    return { kind: 'file', name: fileName };
  }
  const rows = requests?.requests ?? [];
  if (rows.length === 0)
    throw invalidArgument('* BatchGenerateContentRequest.batch.input_config: no requests\n');
  if (JSON.stringify(body).length > MAX_INLINE_BYTES)
    throw invalidArgument('The inline requests are larger than 20 MB: use a file.');
  return { kind: 'inline', rows };
}

/** `GET batches/{id}`: a long-running operation. */
export const getBatch = (sim: Simulation, { path }: BatchCall): Sent =>
  json(200, showBatch(jobNamed(sim, path)), 'shown');

const PAGE = 50;

/** `GET batches` */
export function listBatches(sim: Simulation, _call: BatchCall, query: URLSearchParams): Sent {
  const jobs = sim.jobs.list('developer');
  const from = Number(query.get('pageToken') ?? 0);
  const size = Math.min(1000, Number(query.get('pageSize') ?? PAGE) || PAGE);
  const next = from + size < jobs.length ? { nextPageToken: String(from + size) } : {};
  const operations = jobs.slice(from, from + size).map(showBatch);
  return json(200, { ...(operations.length > 0 ? { operations } : {}), ...next }, 'listed');
}

/** `POST batches/{id}:cancel` */
export function cancelBatch(sim: Simulation, { path }: BatchCall): Sent {
  sim.jobs.cancel(jobNamed(sim, path));
  return json(200, {}, 'cancelled');
}

/** `DELETE batches/{id}` */
export function deleteBatch(sim: Simulation, { path }: BatchCall): Sent {
  sim.jobs.delete(jobNamed(sim, path));
  return json(200, {}, 'deleted');
}

const jobNamed = (sim: Simulation, path: string): SimulatedJob =>
  sim.jobs.get('developer', path.replace(/^batches\//, '').replace(/:\w+$/, ''));

/** Counts are texts, and absent when nothing was counted. */
function statsOf({ counts: { total, answered, failed } }: SimulatedJob): Record<string, string> {
  const pending = Math.max(0, total - answered - failed);
  const named = {
    requestCount: total,
    pendingRequestCount: pending,
    successfulRequestCount: answered,
    failedRequestCount: failed,
  };
  return Object.fromEntries(
    Object.entries(named)
      .filter(([, count]) => count > 0)
      .map(([name, count]) => [name, String(count)]),
  );
}

function showBatch(job: SimulatedJob): Record<string, unknown> {
  const name = `batches/${job.id}`;
  const time = (ms: number): string => new Date(ms).toISOString();
  const output = isOver(job) ? outputOf(job) : undefined;
  return {
    name,
    metadata: {
      '@type': `${PACKAGE}.GenerateContentBatch`,
      model: `models/${job.model}`,
      displayName: job.displayName,
      ...(job.input.kind === 'file' ? { inputConfig: { fileName: job.input.name } } : {}),
      ...(output ? { output } : {}),
      createTime: time(job.createdAt),
      ...(job.endedAt === undefined ? {} : { endTime: time(job.endedAt) }),
      updateTime: time(job.updatedAt),
      batchStats: statsOf(job),
      state: `BATCH_STATE_${job.state}`,
      name,
    },
    ...(isOver(job) ? { done: true } : {}),
    ...(output ? { response: { '@type': `${PACKAGE}.GenerateContentBatchOutput`, ...output } } : {}),
    ...(job.error ? { error: job.error } : {}),
  };
}

function outputOf({ output }: SimulatedJob): Record<string, unknown> | undefined {
  if (!output || 'folder' in output) return undefined;
  // Nested twice, as recorded.
  return 'file' in output
    ? { responsesFile: output.file }
    : { inlinedResponses: { inlinedResponses: output.inline } };
}
