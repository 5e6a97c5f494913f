/** Which of the two APIs a request speaks to: one takes keys, the other OAuth tokens. */
export type ApiName = 'developer' | 'vertex';

/** A path of either API, split; `path` is what both have in common, e.g. `models/gemini-3.5-flash-lite:generateContent`. */
interface Address {
  api: ApiName;
  /** `v1`, `v1beta` or `v1beta1`; empty for a path of neither API. */
  version: string;
  path: string;
  /** Vertex AI: `projects/<project>/locations/<location>/publishers/google`; models only. */
  publisher?: string;
  /** Vertex AI: `projects/<project>/locations/<location>`; context caches and batch jobs only. */
  location?: string;
}

const DEVELOPER = /^\/(v1|v1beta)\/((?!projects\/|publishers\/).+)$/;
const VERTEX =
  /^\/(v1|v1beta1)\/(projects\/[^/]+\/locations\/[^/]+\/publishers\/google)\/(models\/[^/:]+:\w+)$/;

/** Anything below a project or a publisher is Vertex AI's, also what it does not have. */
const VERTEX_ANY = /^\/(v1|v1beta1)\/((?:projects|publishers)\/.+)$/;
const VERTEX_CACHES = /^\/(v1|v1beta1)\/(projects\/[^/]+\/locations\/[^/]+)\/(cachedContents(?:\/[^/:]+)?)$/;

const VERTEX_JOBS =
  /^\/(v1|v1beta1)\/(projects\/[^/]+\/locations\/[^/]+)\/(batchPredictionJobs(?:\/\d+(?::cancel)?)?)$/;

/** https://docs.cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/projects.locations.publishers.models */
export function readAddress(pathname: string): Address {
  const [, cloudVersion, publisher, cloudPath] = VERTEX.exec(pathname) ?? [];
  if (cloudVersion && publisher && cloudPath) {
    return { api: 'vertex', version: cloudVersion, path: cloudPath, publisher };
  }
  const [, cachesVersion, location, cachesPath] =
    VERTEX_CACHES.exec(pathname) ?? VERTEX_JOBS.exec(pathname) ?? [];
  if (cachesVersion && location && cachesPath) {
    return { api: 'vertex', version: cachesVersion, path: cachesPath, location };
  }
  const [, otherVersion, otherPath] = VERTEX_ANY.exec(pathname) ?? [];
  if (otherVersion && otherPath) return { api: 'vertex', version: otherVersion, path: otherPath };
  const [, version = '', path = ''] = DEVELOPER.exec(pathname) ?? [];
  return { api: 'developer', version, path };
}
