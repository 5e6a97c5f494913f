import { z } from 'zod';
import { withDeadline } from '../../shared/base/resilience/deadline.ts';
import { retry } from '../../shared/base/resilience/retry.ts';
import { type Finding, unseen } from './finding.ts';
import { howToSee, type Refusal } from './refusals.ts';

/** What a look brought. */
export type Looked<T> = { state: 'found'; value: T } | { state: 'missing' } | Unseen;

interface Unseen {
  state: 'unseen';
  why: string;
  fix?: string;
  /** Google's own word, e.g. `SERVICE_DISABLED`, `API_KEY_INVALID`. */
  reason?: string;
}

interface GoogleApiOptions {
  project: string;
  token: string | undefined;
  /** A server that plays Google's, which gets neither token nor key: `<root>/<host>/<path>` instead of `https://<host>/<path>`. */
  apiRoot?: string | undefined;
  /** One call may take this long, in milliseconds. */
  attemptMs?: number;
}

/** Reasons of our own, after which no other look can succeed. */
export const HOPELESS = { unreachable: 'UNREACHABLE', signedOut: 'UNAUTHENTICATED' } as const;

/** Pages of a list; more are not looked at. */
const MAX_PAGES = 50;

const errorBody = z.object({
  error: z.object({
    message: z.string().default(''),
    details: z
      .array(
        z.looseObject({
          reason: z.string().optional(),
          metadata: z.record(z.string(), z.string()).optional(),
        }),
      )
      .default([]),
  }),
});

class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(`HTTP ${refusal.status}`);
    this.refusal = refusal;
  }
}

/** Reads Google's REST APIs, never writes. No answer is an exception: what cannot be seen is said to be so. */
export class GoogleApi {
  readonly #options: GoogleApiOptions;

  constructor(options: GoogleApiOptions) {
    this.#options = options;
  }

  get<S extends z.ZodType>(
    url: string,
    shape: S,
    headers: Record<string, string> = {},
  ): Promise<Looked<z.infer<S>>> {
    return this.#look('GET', url, shape, undefined, headers);
  }

  /** For the two policies that Google hands out on a POST. */
  post<S extends z.ZodType>(url: string, shape: S, body: unknown): Promise<Looked<z.infer<S>>> {
    return this.#look('POST', url, shape, body, {});
  }

  /** All pages of a list, as one. */
  async list<S extends z.ZodType>(url: string, field: string, item: S): Promise<Looked<z.infer<S>[]>> {
    const shape = z.looseObject({
      [field]: z.array(item).default([]),
      nextPageToken: z.string().optional(),
    });
    const items: z.infer<S>[] = [];
    let token: string | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const separator = url.includes('?') ? '&' : '?';
      const looked = await this.get(
        token ? `${url}${separator}pageToken=${encodeURIComponent(token)}` : url,
        shape,
      );
      if (looked.state !== 'found') return looked;
      const answer = looked.value as Record<string, unknown>;
      items.push(...(answer[field] as z.infer<S>[]));
      token = (answer['nextPageToken'] as string | undefined) || undefined;
      if (token === undefined) break;
    }
    return { state: 'found', value: items };
  }

  async #look<S extends z.ZodType>(
    method: string,
    url: string,
    shape: S,
    body: unknown,
    headers: Record<string, string>,
  ): Promise<Looked<z.infer<S>>> {
    try {
      const answer = await this.#ask(method, url, body, headers);
      const parsed = shape.safeParse(answer);
      if (parsed.success) return { state: 'found', value: parsed.data };
      return {
        state: 'unseen',
        why: `Google's answer has another form than expected (${parsed.error.issues[0]?.path.join('.')}).`,
      };
    } catch (failure) {
      if (!(failure instanceof Refused)) {
        return {
          state: 'unseen',
          why: `${new URL(url).host} could not be reached; check the network.`,
          reason: HOPELESS.unreachable,
        };
      }
      if (failure.refusal.status === 404) return { state: 'missing' };
      return { state: 'unseen', ...howToSee(url, failure.refusal, this.#options.project) };
    }
  }

  #ask(method: string, url: string, body: unknown, headers: Record<string, string>): Promise<unknown> {
    const { attemptMs = 15_000 } = this.#options;
    return retry(
      { maxAttempts: 3, baseMs: 200, maxMs: 2_000, overallMs: attemptMs * 2, verdict: mayPass },
      undefined,
      (signal) => withDeadline(attemptMs, signal, (inner) => this.#send(method, url, body, headers, inner)),
    );
  }

  async #send(
    method: string,
    url: string,
    body: unknown,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<unknown> {
    const { apiRoot } = this.#options;
    const response = await fetch(apiRoot ? url.replace('https://', `${apiRoot.replace(/\/$/, '')}/`) : url, {
      method,
      headers: apiRoot ? {} : { ...this.#identity(headers), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
    });
    const answer = parsed(await response.text());
    if (response.ok) return answer;
    const refused = errorBody.safeParse(answer);
    const details = refused.success ? refused.data.error.details : [];
    throw new Refused({
      status: response.status,
      message: refused.success ? refused.data.error.message : '',
      reason: details.find(({ reason }) => reason !== undefined)?.reason,
      permission: details.find(({ metadata }) => metadata?.['permission'] !== undefined)?.metadata?.[
        'permission'
      ],
    });
  }

  /** A person's own credentials belong to no project: the header says whose quota is used. */
  #identity(headers: Record<string, string>): Record<string, string> {
    const { token, project } = this.#options;
    if (token === undefined || 'x-goog-api-key' in headers) return {};
    return {
      authorization: `Bearer ${token}`,
      'x-goog-user-project': project,
      'content-type': 'application/json',
    };
  }
}

const mayPass = (failure: unknown): boolean =>
  failure instanceof Refused ? failure.refusal.status === 429 || failure.refusal.status >= 500 : true;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text || '{}');
  } catch {
    return {};
  }
}

/** The finding of a look that brought nothing. */
export const unseenOf = (subject: string, { why, fix }: Unseen): Finding => unseen(subject, why, fix);
