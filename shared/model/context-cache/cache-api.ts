import { withDeadline } from '../../base/resilience/deadline.ts';
import { type PromptPrefix, referenceParts } from '../request.ts';

/** Explicit context caches of one of the two APIs. Anyone who cannot have one goes on without. */
export interface ContextApi {
  readonly name: 'developer' | 'vertex';
  /** Throws a ContextRefused when the API made none, which costs nothing; any other error leaves that open. */
  create(contents: PromptPrefix, ttlMs: number): Promise<StoredContext>;
  extend(name: string, ttlMs: number): Promise<StoredContext>;
  delete(name: string): Promise<void>;
}

export interface StoredContext {
  /** `cachedContents/...`, with Vertex AI's project and location before it. */
  name: string;
  /** Epoch milliseconds. */
  expiresAt: number;
  /** As the API counted them; undefined when it did not say. */
  tokens: number | undefined;
}

/** The API answered with an error. */
export class ContextRefused extends Error {
  constructor(status: number) {
    // The body may repeat the key; the status says enough.
    super(`HTTP ${status} from cachedContents`);
    this.name = 'ContextRefused';
  }
}

export interface DeveloperContextOptions {
  apiKey: string;
  /** Where the API is; undefined is Google. */
  baseUrl?: string;
}

const GOOGLE = 'https://generativelanguage.googleapis.com';

/** One request about a cache. Milliseconds. */
export const CONTEXT_ATTEMPT_MS = 10_000;

/**
 * Explicit context caches (https://ai.google.dev/api/caching). By REST: the vendor's client for them is a second entry
 * with its own transport, for three calls.
 */
export class DeveloperContextApi implements ContextApi {
  readonly name = 'developer';
  readonly #options: DeveloperContextOptions;

  constructor(options: DeveloperContextOptions) {
    this.#options = options;
  }

  async create(contents: PromptPrefix, ttlMs: number): Promise<StoredContext> {
    const { model } = contents;
    return this.#send('POST', 'cachedContents', {
      model: `models/${model}`,
      ...cachedParts(contents),
      ttl: seconds(ttlMs),
    });
  }

  extend(name: string, ttlMs: number): Promise<StoredContext> {
    return this.#send('PATCH', name, { ttl: seconds(ttlMs) });
  }

  async delete(name: string): Promise<void> {
    await this.#call('DELETE', name, undefined);
  }

  async #send(method: string, path: string, body: unknown): Promise<StoredContext> {
    return storedContext((await this.#call(method, path, body)) as CachedContent);
  }

  #call(method: string, path: string, body: unknown): Promise<unknown> {
    const { apiKey, baseUrl = GOOGLE } = this.#options;
    return withDeadline(CONTEXT_ATTEMPT_MS, undefined, async (signal) => {
      const response = await fetch(`${baseUrl}/v1beta/${path}`, {
        method,
        signal,
        headers: { 'content-type': 'application/json', 'x-goog-api-key': apiKey },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new ContextRefused(response.status);
      return response.json();
    });
  }
}

/** Instructions and reference pictures as a cache takes them: what a call then leaves out. */
export function cachedParts({ instructions, references = [], step }: PromptPrefix) {
  const parts = referenceParts(references, step.mediaResolution);
  return {
    systemInstruction: { parts: [{ text: instructions }] },
    ...(parts.length > 0 ? { contents: [{ role: 'user', parts }] } : {}),
  };
}

/** The API's resource, as far as it is needed. */
interface CachedContent {
  name?: unknown;
  expireTime?: unknown;
  usageMetadata?: { totalTokenCount?: unknown };
}

export function storedContext({ name, expireTime, usageMetadata }: CachedContent): StoredContext {
  const expiresAt = typeof expireTime === 'string' ? Date.parse(expireTime) : Number.NaN;
  if (typeof name !== 'string' || Number.isNaN(expiresAt))
    throw new Error('The reply names no cached content.');
  const tokens = usageMetadata?.totalTokenCount;
  return { name, expiresAt, tokens: typeof tokens === 'number' ? tokens : undefined };
}

export const seconds = (ms: number): string => `${Math.round(ms / 1000)}s`;
