import { withDeadline } from '../resilience/deadline.ts';

export interface ContextApiOptions {
  apiKey: string;
  /** Where the API is; undefined is Google. */
  baseUrl?: string;
}

export interface StoredContext {
  /** `cachedContents/...` */
  name: string;
  /** Epoch milliseconds. */
  expiresAt: number;
}

const GOOGLE = 'https://generativelanguage.googleapis.com';
const ATTEMPT_MS = 10_000;

/**
 * Explicit context caches (https://ai.google.dev/api/caching). By REST: the vendor's client for them is a second entry
 * with its own transport, for three calls. Throws an Error with the HTTP status; callers go on without a cache.
 */
export class ContextApi {
  readonly #options: ContextApiOptions;

  constructor(options: ContextApiOptions) {
    this.#options = options;
  }

  create(model: string, instructions: string, ttlMs: number): Promise<StoredContext> {
    return this.#send('POST', 'cachedContents', {
      model: `models/${model}`,
      systemInstruction: { parts: [{ text: instructions }] },
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
    const { name, expireTime } = (await this.#call(method, path, body)) as {
      name?: unknown;
      expireTime?: unknown;
    };
    const expiresAt = typeof expireTime === 'string' ? Date.parse(expireTime) : Number.NaN;
    if (typeof name !== 'string' || Number.isNaN(expiresAt))
      throw new Error('The reply names no cached content.');
    return { name, expiresAt };
  }

  #call(method: string, path: string, body: unknown): Promise<unknown> {
    const { apiKey, baseUrl = GOOGLE } = this.#options;
    return withDeadline(ATTEMPT_MS, undefined, async (signal) => {
      const response = await fetch(`${baseUrl}/v1beta/${path}`, {
        method,
        signal,
        headers: { 'content-type': 'application/json', 'x-goog-api-key': apiKey },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      // The body may repeat the key; the status says enough.
      if (!response.ok) throw new Error(`HTTP ${response.status} from cachedContents`);
      return response.json();
    });
  }
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)}s`;
