import { GeminiError, invalidArgument } from '../errors.ts';
import { json, type Sent } from '../send.ts';
import type { Simulation } from '../simulation.ts';
import type { SimulatedJob } from './job.ts';
import { runJob } from './run-job.ts';

interface JobCall {
  path: string;
  json: unknown;
  /** `projects/P/locations/L` */
  location?: string;
}

/** `POST batchPredictionJobs` */
export function createPrediction(sim: Simulation, { json: body, location = '' }: JobCall): Sent {
  const { displayName, model, inputConfig, outputConfig } = (body ?? {}) as Record<
    string,
    Record<string, unknown>
  >;
  const name = /^publishers\/google\/models\/([^/]+)$/.exec(String(model))?.[1];
  if (typeof displayName !== 'string' || displayName === '')
    throw invalidArgument('display_name is required.');
  if (name === undefined || !Object.hasOwn(sim.models, name))
    throw new GeminiError(404, 'NOT_FOUND', `Publisher Model \`${String(model)}\` is not found.`);
  const [uri] = (inputConfig?.['gcsSource'] as { uris?: string[] } | undefined)?.uris ?? [];
  const prefix = (outputConfig?.['gcsDestination'] as { outputUriPrefix?: string } | undefined)
    ?.outputUriPrefix;
  if (inputConfig?.['instancesFormat'] !== 'jsonl' || outputConfig?.['predictionsFormat'] !== 'jsonl')
    throw invalidArgument('instances_format and predictions_format must be jsonl.');
  if (!uri?.startsWith('gs://') || !prefix?.startsWith('gs://'))
    throw invalidArgument('gcs_source.uris and gcs_destination.output_uri_prefix must be gs:// addresses.');
  const batchCreate = sim.planner.batchCreation(name);
  if (batchCreate === 'lost') return { kind: 'reset', outcome: 'reset' };
  if (batchCreate === 'quota') throw new GeminiError(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded.');
  const wanted = { api: 'vertex' as const, model: name, displayName, location };
  const place = { input: { kind: 'object' as const, uri }, outputPrefix: prefix.replace(/\/$/, '') };
  const job = sim.jobs.add({ ...wanted, ...place }, sim.now());
  void runJob(sim, job);
  if (batchCreate === 'unheard') return { kind: 'reset', outcome: 'reset' };
  return json(200, showPrediction(job), 'created');
}

export const getPrediction = (sim: Simulation, call: JobCall): Sent =>
  json(200, showPrediction(jobNamed(sim, call)), 'shown');

/** `GET batchPredictionJobs`, filtered by `display_name="…"` alone. */
export function listPredictions(sim: Simulation, _call: JobCall, query: URLSearchParams): Sent {
  const wanted = /^display_name="([^"]*)"$/.exec(query.get('filter') ?? '')?.[1];
  const jobs = sim.jobs.list('vertex').filter((job) => wanted === undefined || job.displayName === wanted);
  return json(200, jobs.length > 0 ? { batchPredictionJobs: jobs.map(showPrediction) } : {}, 'listed');
}

export function cancelPrediction(sim: Simulation, call: JobCall): Sent {
  sim.jobs.cancel(jobNamed(sim, call));
  return json(200, {}, 'cancelled');
}

export function deletePrediction(sim: Simulation, call: JobCall): Sent {
  sim.jobs.delete(jobNamed(sim, call));
  return json(200, { name: 'operations/0', done: true, response: {} }, 'deleted');
}

const jobNamed = (sim: Simulation, { path }: JobCall): SimulatedJob =>
  sim.jobs.get('vertex', path.replace(/^batchPredictionJobs\//, '').replace(/:\w+$/, ''));

function showPrediction(job: SimulatedJob): Record<string, unknown> {
  const time = (ms: number): string => new Date(ms).toISOString();
  const { answered, failed, total } = job.counts;
  return {
    name: `${job.location}/batchPredictionJobs/${job.id}`,
    displayName: job.displayName,
    model: `publishers/google/models/${job.model}`,
    ...(job.input.kind === 'object'
      ? { inputConfig: { instancesFormat: 'jsonl', gcsSource: { uris: [job.input.uri] } } }
      : {}),
    outputConfig: { predictionsFormat: 'jsonl', gcsDestination: { outputUriPrefix: job.outputPrefix } },
    ...(job.output && 'folder' in job.output
      ? { outputInfo: { gcsOutputDirectory: job.output.folder } }
      : {}),
    state: `JOB_STATE_${job.state}`,
    ...(job.error ? { error: job.error } : {}),
    completionStats: {
      successfulCount: String(answered),
      failedCount: String(failed),
      incompleteCount: String(Math.max(0, total - answered - failed)),
    },
    createTime: time(job.createdAt),
    updateTime: time(job.updatedAt),
    ...(job.endedAt === undefined ? {} : { endTime: time(job.endedAt) }),
  };
}
