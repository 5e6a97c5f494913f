import { z } from 'zod';
import {
  type Accepted,
  accepted,
  deadLetterList,
  deadLettersReplayed,
  type ResultPage,
  replayed,
  resultPage,
  serviceStatus,
  type UploadTicket,
  uploadTicket,
} from '../shared/results/api/answers.ts';
import { batchList, batchView } from '../shared/results/api/batch-views.ts';
import { cost, stats } from '../shared/results/api/figures.ts';
import { profileList } from '../shared/results/api/profile-views.ts';
import type { FeedbackRequest, ReplayRequest, UploadRequest } from '../shared/results/api/requests.ts';
import { pendingResult, type ResultView, resultView } from '../shared/results/api/result.ts';
import { type Operation, ROUTES } from '../shared/results/api/routes.ts';
import { ApiError } from './api-error.ts';

export interface ClientOptions {
  /** e.g. https://pictures-api-abc123-ew.a.run.app or http://127.0.0.1:8080 */
  baseUrl: string;
  /** Gives an ID token for `baseUrl`; not needed on the machine that runs `npm start`. */
  token?: () => string | Promise<string>;
  /** Whom a delegate acts for: pictures are sent as theirs, and only theirs are seen. */
  uploader?: string;
}

export interface SubmitOptions {
  fileName?: string;
  profile?: string;
  uploader?: string;
  /** Ask the model again, whatever was answered about the same picture. */
  refresh?: boolean;
  /** https address that is notified when the picture has ended. */
  webhook?: string;
  /** How it is served and billed; that of the profile when absent. */
  lane?: 'standard' | 'flex' | 'batch' | 'priority';
  /** How long the answer may take, such as `15m`; without a lane the cheapest that fits is taken. */
  patience?: string;
  /** Repeating a submit with the same key gets the first answer. */
  idempotencyKey?: string;
}

export interface ListOptions {
  profile?: string;
  status?: ResultView['status'];
  uploader?: string;
  from?: Date;
  limit?: number;
}

interface Sent {
  id?: string;
  query?: Readonly<Record<string, string | undefined>>;
  headers?: Readonly<Record<string, string>>;
  body?: string | Blob;
  signal?: AbortSignal | undefined;
}

const JSON_TYPE = { 'Content-Type': 'application/json' };

/** Below the longest wait that the API takes, so that proxies do not cut the connection. Seconds. */
const WAIT_SECONDS = 25;

const shown = z.union([resultView, pendingResult]);

/** The HTTP API with its types. Every answer is checked; throws ApiError for what the API refuses. */
export class PipelineClient {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** Stores one picture; resolves before anything has looked at it. */
  async submit(picture: Blob, options: SubmitOptions = {}, signal?: AbortSignal): Promise<Accepted> {
    const { fileName, idempotencyKey, refresh, ...settings } = options;
    return this.#json('submitImages', accepted, {
      query: { ...settings, name: fileName, refresh: refresh === undefined ? undefined : String(refresh) },
      headers: {
        'Content-Type': picture.type || 'application/octet-stream',
        ...(idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey }),
      },
      body: picture,
      signal,
    });
  }

  /** An address for one upload straight to the bucket: hand it to a browser or a phone, or to `uploadTo`. */
  createUpload(upload: UploadRequest): Promise<UploadTicket> {
    const { uploader } = this.#options;
    return this.#json(
      'createUpload',
      uploadTicket,
      jsonOf({ ...(uploader === undefined ? {} : { uploader }), ...upload }),
    );
  }

  async uploadTo({ url, method, headers }: UploadTicket, picture: Blob): Promise<void> {
    const response = await fetch(url, { method, headers, body: picture });
    if (!response.ok) throw new ApiError(response, await response.text());
  }

  /** The result as it stands; `undefined` when there is none. `waitSeconds`: hold on until it has ended. */
  async result(id: string, { waitSeconds, signal }: { waitSeconds?: number; signal?: AbortSignal } = {}) {
    const query = { wait: waitSeconds === undefined ? undefined : String(waitSeconds) };
    try {
      return await this.#json('showResult', shown, { id, query, signal });
    } catch (error) {
      if (error instanceof ApiError && error.code === 'NOT_FOUND') return undefined;
      throw error;
    }
  }

  /** The result when it has ended or is parked; undefined when the time (milliseconds) is over before. */
  async waitFor(id: string, timeoutMs: number, signal?: AbortSignal): Promise<ResultView | undefined> {
    const endsAt = Date.now() + timeoutMs;
    for (;;) {
      const leftSeconds = Math.max(0, Math.ceil((endsAt - Date.now()) / 1000));
      const waitSeconds = Math.min(WAIT_SECONDS, leftSeconds);
      const seen = await this.result(id, { waitSeconds, ...(signal ? { signal } : {}) });
      if (seen && seen.stage !== 'uploaded' && seen.status !== 'queued' && seen.status !== 'processing')
        return seen;
      if (Date.now() >= endsAt) return undefined;
    }
  }

  list(options: ListOptions & { cursor?: string } = {}): Promise<ResultPage> {
    const { from, limit, ...rest } = options;
    return this.#json('listResults', resultPage, {
      query: { ...rest, from: from?.toISOString(), limit: limit === undefined ? undefined : String(limit) },
    });
  }

  /** All results, newest first, page by page. */
  async *results(options: ListOptions = {}): AsyncGenerator<ResultView> {
    let cursor: string | undefined;
    do {
      const page: ResultPage = await this.list({ ...options, ...(cursor === undefined ? {} : { cursor }) });
      yield* page.results;
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }

  /** The prepared picture. */
  async picture(id: string): Promise<Blob> {
    return (await this.#send('showPicture', { id })).blob();
  }

  feedback(id: string, said: FeedbackRequest): Promise<ResultView> {
    return this.#json('giveFeedback', resultView, { id, ...jsonOf(said) });
  }

  replay(id: string, how: ReplayRequest = {}) {
    return this.#json('replayResult', replayed, { id, ...jsonOf(how) });
  }

  /** Deletes the picture and everything made from it. */
  async delete(id: string): Promise<void> {
    await this.#send('deleteImage', { id });
  }

  /** What was given up after too many deliveries; looking takes none of it away. */
  deadLetters = () => this.#json('listDeadLetters', deadLetterList, {});
  /** Delivers the dead letters again; `hasMore` in the answer says to ask once more. */
  replayDeadLetters = () => this.#json('replayDeadLetters', deadLettersReplayed, {});

  /** Batch jobs, for operators. */
  batches = () => this.#json('listBatches', batchList, {});
  batch = (id: string) => this.#json('showBatch', batchView, { id });
  /** Gives a job up; what it has not answered goes by other lanes. */
  cancelBatch = (id: string) => this.#json('cancelBatch', batchView, { id });

  profiles = () => this.#json('listProfiles', profileList, {});
  stats = () => this.#json('showStats', stats, {});
  cost = (days = 1) => this.#json('showCost', cost, { query: { days: String(days) } });
  status = () => this.#json('showStatus', serviceStatus, {});

  async #json<S extends z.ZodType>(operation: Operation, shape: S, sent: Sent): Promise<z.infer<S>> {
    return shape.parse(await (await this.#send(operation, sent)).json());
  }

  async #send(operation: Operation, { id = '', query = {}, headers, body, signal }: Sent): Promise<Response> {
    const { baseUrl, token, uploader } = this.#options;
    const { method, path } = ROUTES[operation];
    const url = new URL(path.replace('{id}', encodeURIComponent(id)), baseUrl);
    for (const [name, value] of Object.entries({ uploader, ...query }))
      if (value !== undefined) url.searchParams.set(name, value);
    const response = await fetch(url, {
      method: method.toUpperCase(),
      headers: { ...headers, ...(token ? { Authorization: `Bearer ${await token()}` } : {}) },
      ...(body === undefined ? {} : { body }),
      ...(signal ? { signal } : {}),
    });
    if (!response.ok) throw new ApiError(response, await response.text());
    return response;
  }
}

const jsonOf = (value: unknown): Pick<Sent, 'headers' | 'body'> => ({
  headers: JSON_TYPE,
  body: JSON.stringify(value),
});
