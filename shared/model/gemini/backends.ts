import { z } from 'zod';
import { flag, type Invariant, text } from '../../base/config.ts';
import type { Log } from '../../base/log.ts';
import type { Buckets } from '../../cloud/storage/buckets.ts';
import type { Lane } from '../../prices/lanes.ts';
import { DECISION_MODEL, decidesFirst, firstWritten } from '../../profiles/decision-step.ts';
import type { Profile } from '../../profiles/define.ts';
import { chooseLane } from '../../profiles/lane-choice.ts';
import { type ContextApi, DeveloperContextApi } from '../context-cache/cache-api.ts';
import { namePicture, type OpenPicture, readPicture } from '../open-picture.ts';
import type { AskModel } from '../request.ts';
import { createDeveloperApi, type DeveloperApiOptions } from './developer-api.ts';
import { type Backend, withFailover } from './failover.ts';
import { createVertexApi, createVertexContexts, GLOBAL } from './vertex-api.ts';

const url = z.url({ error: 'expected a URL such as http://127.0.0.1:8085' }).optional();

/** Which Gemini answers, and who may when it refuses access. */
export const backendVariables = {
  /** `developer`: the Gemini API with a key. `vertex`: Vertex AI with the credentials of the process. */
  GEMINI_BACKEND: z
    .enum(['developer', 'vertex'], { error: 'expected developer or vertex' })
    .default('developer'),
  /** Needed by `developer`; with `vertex` it says that the Gemini API answers where Vertex AI refuses access. */
  GEMINI_API_KEY: text('an API key of the Gemini API').optional(),
  /** Where the Gemini API is; not set means Google. */
  GEMINI_BASE_URL: url,
  /** `true` lets the Gemini API keep requests and answers for you to look at; Google keeps them for up to 55 days then. */
  GEMINI_STORE_REQUESTS: flag(false),
  /** With `developer`: Vertex AI answers where the Gemini API refuses access. */
  VERTEX_FAILOVER: flag(false),
  /** The project that Vertex AI is billed to. */
  GOOGLE_CLOUD_PROJECT: text('the id of a Google Cloud project').optional(),
  /** Region, multi-region or `global` of Vertex AI. */
  GEMINI_LOCATION: text('a location of Vertex AI such as global or europe-west1').default('global'),
  /** Where Vertex AI is; not set means Google. */
  VERTEX_BASE_URL: url,
};

type Config = z.infer<z.ZodObject<typeof backendVariables>>;

const usesVertex = ({ GEMINI_BACKEND, VERTEX_FAILOVER }: Config): boolean =>
  GEMINI_BACKEND === 'vertex' || VERTEX_FAILOVER;

export const backendInvariants: readonly Invariant<Config>[] = [
  ({ GEMINI_BACKEND, GEMINI_API_KEY }) =>
    GEMINI_BACKEND === 'vertex' || GEMINI_API_KEY !== undefined
      ? undefined
      : 'GEMINI_API_KEY is not set: expected an API key of the Gemini API, or GEMINI_BACKEND=vertex.',
  (config) =>
    usesVertex(config) && config.GOOGLE_CLOUD_PROJECT === undefined
      ? 'GOOGLE_CLOUD_PROJECT is not set: Vertex AI needs the id of a Google Cloud project.'
      : undefined,
];

/**
 * Throws for profiles whose lane a regional location of Vertex AI would ignore without a word, at the standard price.
 * An upload's own wish is no reason to stop: its result says which lane served.
 */
export function refuseRegionalLanes(config: Config, profiles: readonly Profile[]): void {
  if (!usesVertex(config) || config.GEMINI_LOCATION === GLOBAL) return;
  const isRefused = (lane: Lane | undefined) => lane === 'flex' || lane === 'priority';
  const names = profiles.filter((profile) => isRefused(chooseLane(profile)?.asked)).map(({ name }) => name);
  if (names.length === 0) return;
  throw new Error(
    `Vertex AI has flex and priority at its global endpoint only, and GEMINI_LOCATION is ${config.GEMINI_LOCATION}: set it to global, or take lane and patience out of ${names.join(', ')}.`,
  );
}

/**
 * Throws for profiles that only the decision model answers, where only Vertex AI is configured; of the others says which
 * ones go without it.
 */
export function refuseDecisions(config: Config, profiles: readonly Profile[]): string[] {
  if (config.GEMINI_API_KEY !== undefined) return [];
  const asking = profiles.filter(decidesFirst);
  const names = (some: readonly Profile[]) => some.map(({ name }) => name);
  const alone = names(asking.filter((profile) => !firstWritten(profile)));
  if (alone.length === 0) return names(asking);
  throw new Error(
    `Vertex AI does not have ${DECISION_MODEL}, which is all that the ladder of ${alone.join(', ')} has: set GEMINI_API_KEY too, or give it a step of another model.`,
  );
}

interface Backends {
  call: AskModel;
  /** Whether the decision model is among what can be asked: Vertex AI has it not. */
  decides: boolean;
  openPicture: OpenPicture;
}

interface BackendOptions {
  /** How long a backend that refused access is asked last, in milliseconds. */
  restMs: number;
  log: Log;
  /** Stands before each API, with the context caches of that API. */
  withContexts: (contexts: ContextApi, call: AskModel) => AskModel;
}

/** The ways to Gemini that are configured. */
export function createBackends(config: Config, buckets: Buckets, options: BackendOptions): Backends {
  const { withContexts, ...failover } = options;
  const access = developerAccess(config);
  const developer: Backend | undefined = access && {
    name: 'developer',
    call: withContexts(new DeveloperContextApi(access), createDeveloperApi(access)),
  };
  const vertex = vertexBackend(config, withContexts);
  // Only the Gemini API takes bytes: where it is the only one they are read at once.
  const openPicture = vertex ? namePicture(buckets) : readPicture(buckets);
  const [first, second] = config.GEMINI_BACKEND === 'vertex' ? [vertex, developer] : [developer, vertex];
  if (!first) throw new Error(`${config.GEMINI_BACKEND} is not configured.`);
  const call = second ? withFailover(first, second, failover) : first.call;
  return {
    call: vertex && developer ? exceptDecisions(call, developer.call) : call,
    openPicture,
    decides: developer !== undefined,
  };
}

/** Whichever of both answers first: decisions are the Gemini API's. */
const exceptDecisions =
  (call: AskModel, decide: AskModel): AskModel =>
  (request, signal) =>
    request.model === DECISION_MODEL ? decide(request, signal) : call(request, signal);

/** Undefined without a key. */
function developerAccess({
  GEMINI_API_KEY,
  GEMINI_BASE_URL,
  GEMINI_STORE_REQUESTS,
}: Config): DeveloperApiOptions | undefined {
  if (GEMINI_API_KEY === undefined) return undefined;
  return {
    apiKey: GEMINI_API_KEY,
    storeRequests: GEMINI_STORE_REQUESTS,
    ...(GEMINI_BASE_URL === undefined ? {} : { baseUrl: GEMINI_BASE_URL }),
  };
}

function vertexBackend(config: Config, withContexts: BackendOptions['withContexts']): Backend | undefined {
  const { GOOGLE_CLOUD_PROJECT: project, GEMINI_LOCATION: location, VERTEX_BASE_URL } = config;
  if (!usesVertex(config) || project === undefined) return undefined;
  const baseUrl = VERTEX_BASE_URL === undefined ? {} : { baseUrl: VERTEX_BASE_URL };
  const access = { project, location, ...baseUrl };
  return { name: 'vertex', call: withContexts(createVertexContexts(access), createVertexApi(access)) };
}
