import { GeminiError, invalidArgument } from './errors.ts';
import type { RequestImage } from './images.ts';
import type { CachedContentRequest } from './request.ts';
import type { CachedTokens } from './usage.ts';

/** An explicit context cache; `tokens` is its part of every prompt that uses it. */
export interface CachedContent {
  name: string;
  model: string;
  displayName?: string;
  createTime: number;
  updateTime: number;
  expireTime: number;
  tokens: CachedTokens;
  /** Asked about only where a request brings no picture of its own. */
  images: readonly RequestImage[];
}

/** Smaller contents are refused: the API's minimum for explicit and implicit caching. */
const MIN_CACHED_TOKENS = 4096;
const DEFAULT_TTL_MS = 3_600_000;
const MAX_CACHES = 1000;

export class ContentCaches {
  readonly #caches = new Map<string, CachedContent>();
  #created = 0;

  create(
    request: CachedContentRequest,
    tokens: { text: number; image: number },
    images: readonly RequestImage[],
    nowMs: number,
  ): CachedContent {
    const total = tokens.text + tokens.image;
    if (total < MIN_CACHED_TOKENS) {
      throw invalidArgument(
        `Cached content is too small. total_token_count=${total}, min_total_token_count=${MIN_CACHED_TOKENS}`,
      );
    }
    this.#forgetExpired(nowMs);
    if (this.#caches.size >= MAX_CACHES) throw invalidArgument('Too many cached contents.');
    this.#created += 1;
    const cache: CachedContent = {
      name: `cachedContents/local${String(this.#created).padStart(12, '0')}`,
      model: withoutLocation(request.model ?? ''),
      ...(request.displayName === undefined ? {} : { displayName: request.displayName }),
      createTime: nowMs,
      updateTime: nowMs,
      expireTime: expiry(request, nowMs) ?? nowMs + DEFAULT_TTL_MS,
      tokens: { ...tokens, total },
      images,
    };
    this.#caches.set(cache.name, cache);
    return cache;
  }

  /** @throws GeminiError 403 for a name that is unknown or expired, as the API does. */
  get(fullName: string, nowMs: number): CachedContent {
    this.#forgetExpired(nowMs);
    const cache = this.#caches.get(withoutLocation(fullName));
    if (!cache)
      throw new GeminiError(403, 'PERMISSION_DENIED', 'CachedContent not found (or permission denied)');
    return cache;
  }

  list(nowMs: number): CachedContent[] {
    this.#forgetExpired(nowMs);
    return [...this.#caches.values()];
  }

  extend(name: string, request: CachedContentRequest, nowMs: number): CachedContent {
    const cache = this.get(name, nowMs);
    const expireTime = expiry(request, nowMs);
    if (expireTime === undefined) throw invalidArgument('Only ttl and expire_time can be updated.');
    Object.assign(cache, { expireTime, updateTime: nowMs });
    return cache;
  }

  delete(name: string, nowMs: number): void {
    this.#caches.delete(this.get(name, nowMs).name);
  }

  reset(): void {
    this.#caches.clear();
  }

  #forgetExpired(nowMs: number): void {
    for (const [name, cache] of this.#caches) if (cache.expireTime <= nowMs) this.#caches.delete(name);
  }
}

/** Vertex AI puts project and location before a cache's name and model. */
const withoutLocation = (name: string): string =>
  name.replace(/^projects\/[^/]+\/locations\/[^/]+\/(?:publishers\/google\/)?/, '');

function expiry({ ttl, expireTime }: CachedContentRequest, nowMs: number): number | undefined {
  if (expireTime !== undefined) {
    const at = Date.parse(expireTime);
    if (Number.isNaN(at))
      throw invalidArgument(`Invalid value at 'cached_content.expire_time' (Timestamp), "${expireTime}"`);
    return at;
  }
  if (ttl === undefined) return undefined;
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(ttl)?.[1];
  if (seconds === undefined)
    throw invalidArgument(`Invalid value at 'cached_content.ttl' (Duration), "${ttl}"`);
  return nowMs + Number(seconds) * 1000;
}

/** The cache as the API shows it: times as RFC 3339, without its content; `location` is Vertex AI's. */
export const showCache = (
  { tokens, images: _, createTime, updateTime, expireTime, ...cache }: CachedContent,
  location?: string,
) => ({
  ...cache,
  ...(location === undefined
    ? {}
    : { name: `${location}/${cache.name}`, model: `${location}/publishers/google/${cache.model}` }),
  createTime: new Date(createTime).toISOString(),
  updateTime: new Date(updateTime).toISOString(),
  expireTime: new Date(expireTime).toISOString(),
  usageMetadata: { totalTokenCount: tokens.total },
});
