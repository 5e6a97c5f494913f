import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Endpoints, readEndpoints } from '../local/endpoints.ts';
import { PREPARED_BUCKET, UPLOADS_BUCKET } from '../local/topology.ts';
import { Documents } from '../shared/cloud/firestore/documents.ts';
import { Buckets } from '../shared/cloud/storage/buckets.ts';
import { ResultReader } from '../shared/results/reading.ts';
import { CliError } from './failure.ts';

/** The pipeline a command talks to, with the caller's own credentials. */
export interface Target {
  kind: 'local' | 'deployment';
  /** For people: what it is. */
  label: string;
  uploadsBucket: string;
  /** Undefined when nobody named it: only commands that read prepared pictures need it. */
  preparedBucket: string | undefined;
  /** Local cloud only: where its data, the page and the model are. */
  dataDir: string | undefined;
  page: string | undefined;
  geminiUrl: string | undefined;
  /** What the clients of any language need in their environment to reach it. */
  environment: Readonly<Record<string, string>>;
  buckets: Buckets;
  documents: Documents;
  results: ResultReader;
}

/** Options of every command that say where the pipeline is. */
export interface TargetOptions {
  data?: string;
  project?: string;
  bucket?: string;
  preparedBucket?: string;
  database?: string;
}

export type Environment = Record<string, string | undefined>;

const PROJECT_ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * A cloud that has been closed leaves its address behind; it must answer to count. A closed port refuses at once, and
 * a cloud on a busy machine may need seconds. Milliseconds.
 */
const PROBE_MS = 10_000;

/** A picture below the size of resumable uploads goes in one request: time enough for a slow way out. Milliseconds. */
const STORAGE_ATTEMPT_MS = 180_000;
const STORAGE_OVERALL_MS = 600_000;

/**
 * Finds the pipeline: the deployment that the options name, else the local cloud that runs here, else the deployment
 * that the environment names. A local cloud comes before the environment, because GOOGLE_CLOUD_PROJECT is often set
 * for other reasons and what is sent to it by mistake costs nothing.
 *
 * `env` is changed: the vendor's clients read from it where the local servers are.
 * @throws CliError when there is none
 */
export async function findTarget(options: TargetOptions, env: Environment, cwd: string): Promise<Target> {
  if (options.project !== undefined || options.bucket !== undefined) return deployment(options, env);
  const dataDirs = dataDirsOf(options, env, cwd);
  for (const dataDir of dataDirs) {
    const endpoints = await readEndpoints(dataDir);
    if (endpoints && (await isRunning(endpoints))) return localCloud(dataDir, endpoints, env);
  }
  const named = options.data ?? env['PIPELINE_DATA'];
  if (named !== undefined) {
    throw new CliError(`No local cloud is running in ${named}.`, {
      hint: `Start it with: npm start -- --data ${named}`,
    });
  }
  if (env['UPLOADS_BUCKET'] && projectOf(options, env)) return deployment(options, env);
  throw new CliError('No local cloud is running here.', {
    hint: 'Start it with npm start, or name a deployment with --project and --bucket.',
  });
}

/** `npm start` keeps its data in the project's folder; a person may stand in a folder below it. */
function dataDirsOf(options: TargetOptions, env: Environment, cwd: string): string[] {
  const named = options.data ?? env['PIPELINE_DATA'];
  if (named !== undefined) return [resolve(cwd, named)];
  return [...new Set([resolve(cwd, '.local'), join(PROJECT_ROOT, '.local')])];
}

const projectOf = (options: TargetOptions, env: Environment): string | undefined =>
  options.project ?? (env['GOOGLE_CLOUD_PROJECT'] || env['GCLOUD_PROJECT'] || undefined);

async function isRunning({ storage }: Endpoints): Promise<boolean> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), PROBE_MS);
  try {
    const response = await fetch(`${storage}/storage/v1/b/${UPLOADS_BUCKET}`, { signal: controller.signal });
    const bucket: unknown = await response.json();
    return (bucket as { kind?: unknown } | null)?.kind === 'storage#bucket';
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** Google's clients, gcloud, rclone and gcsfs take theirs from it; PIPELINE_URL is where this pipeline's own API is. */
function localEnvironment({ page, gemini, storage, pubsub, clientEnv }: Endpoints): Record<string, string> {
  return {
    ...clientEnv,
    PIPELINE_URL: page,
    ...(gemini === undefined ? {} : { GEMINI_BASE_URL: gemini }),
    CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: `${storage}/`,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB: `${pubsub}/`,
    CLOUDSDK_AUTH_DISABLE_CREDENTIALS: 'true',
    CLOUDSDK_CORE_PROJECT: clientEnv['GOOGLE_CLOUD_PROJECT'] ?? 'local',
    RCLONE_GCS_ENDPOINT: `${storage}/storage/v1/`,
    RCLONE_GCS_ANONYMOUS: 'true',
    RCLONE_GCS_PROJECT_NUMBER: clientEnv['GOOGLE_CLOUD_PROJECT'] ?? 'local',
    // Otherwise it sends access control lists, which buckets with uniform access refuse, here as in the cloud.
    RCLONE_GCS_BUCKET_POLICY_ONLY: 'true',
    // Otherwise gcsfs asks what kind of bucket each is, by gRPC over TLS, and waits a minute for the answer.
    GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT: 'false',
  };
}

function localCloud(dataDir: string, endpoints: Endpoints, env: Environment): Target {
  const { page, gemini, clientEnv } = endpoints;
  Object.assign(env, clientEnv);
  return {
    kind: 'local',
    label: `the local cloud at ${page}`,
    uploadsBucket: clientEnv['UPLOADS_BUCKET'] ?? UPLOADS_BUCKET,
    preparedBucket: clientEnv['PREPARED_BUCKET'] ?? PREPARED_BUCKET,
    dataDir,
    page,
    geminiUrl: gemini,
    environment: localEnvironment(endpoints),
    ...clients({}),
  };
}

function deployment(options: TargetOptions, env: Environment): Target {
  const projectId = projectOf(options, env);
  const uploadsBucket = options.bucket ?? env['UPLOADS_BUCKET'];
  if (!projectId) {
    throw new CliError('The bucket is named, but not the project.', { hint: 'Add --project PROJECT_ID.' });
  }
  if (!uploadsBucket) {
    throw new CliError('The project is named, but not the bucket for uploads.', {
      hint: 'Add --bucket NAME; `terraform output buckets` says which it is.',
    });
  }
  const databaseId = options.database ?? (env['FIRESTORE_DATABASE'] || undefined);
  const preparedBucket = options.preparedBucket ?? (env['PREPARED_BUCKET'] || undefined);
  return {
    kind: 'deployment',
    label: `gs://${uploadsBucket} of project ${projectId}`,
    uploadsBucket,
    preparedBucket,
    dataDir: undefined,
    page: undefined,
    geminiUrl: undefined,
    environment: {
      GOOGLE_CLOUD_PROJECT: projectId,
      UPLOADS_BUCKET: uploadsBucket,
      ...(preparedBucket === undefined ? {} : { PREPARED_BUCKET: preparedBucket }),
      ...(databaseId === undefined ? {} : { FIRESTORE_DATABASE: databaseId }),
    },
    ...clients({ projectId, ...(databaseId === undefined ? {} : { databaseId }) }),
  };
}

function clients(options: {
  projectId?: string;
  databaseId?: string;
}): Pick<Target, 'buckets' | 'documents' | 'results'> {
  const { projectId } = options;
  const documents = new Documents(options);
  return {
    buckets: new Buckets({
      ...(projectId === undefined ? {} : { projectId }),
      attemptMs: STORAGE_ATTEMPT_MS,
      overallMs: STORAGE_OVERALL_MS,
    }),
    documents,
    results: new ResultReader(documents),
  };
}
