import { GoogleAuth } from 'google-auth-library';
import { z } from 'zod';
import { text } from '../base/config.ts';
import { DeadlineExceeded, withDeadline } from '../base/resilience/deadline.ts';
import { retry } from '../base/resilience/retry.ts';
import { wellFormed } from '../base/text.ts';

/** Variables of everything that publishes events itself. */
export const pubsubVariables = {
  GOOGLE_CLOUD_PROJECT: text('the id of the project that has the topics'),
  /** `host:port`; not set means Google. */
  PUBSUB_EMULATOR_HOST: z.string().optional(),
  /** Topics that the buckets' notifications go to. */
  UPLOADS_TOPIC: z.string().default('uploads'),
  PREPARED_TOPIC: z.string().default('prepared'),
};

/** What is published: a body, attributes or both. */
export interface Message {
  data: Buffer;
  attributes: Readonly<Record<string, string>>;
}

/** A message that a pull subscription has handed out for a while. */
export interface Received extends Message {
  ackId: string;
  id: string;
  publishedAt: Date;
}

export interface PubSubOptions {
  projectId: string;
  /** `host:port` of a server without credentials (PUBSUB_EMULATOR_HOST); undefined means Google. */
  emulatorHost?: string;
  /** One call may take this long, in milliseconds. */
  attemptMs?: number;
  /** A call and its repetitions may take this long together, in milliseconds. */
  overallMs?: number;
}

/** Pub/Sub refused a call, or did not answer (`code` 503). */
export class PubSubError extends Error {
  /** HTTP status. */
  readonly code: number;

  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PubSubError';
    this.code = code;
  }
}

const SCOPE = 'https://www.googleapis.com/auth/pubsub';

/** https://cloud.google.com/pubsub/docs/reference/error-codes: what may pass. */
const TRANSIENT = new Set([408, 429, 499, 500, 502, 503, 504]);

const transient = (error: unknown): boolean => !(error instanceof PubSubError) || TRANSIENT.has(error.code);

/**
 * Cloud Pub/Sub as the pipeline uses it, by its REST API (https://cloud.google.com/pubsub/docs/reference/rest): its own
 * client brings gRPC streaming that nothing here needs. The only file that talks to it.
 */
export class PubSub {
  readonly #base: string;
  readonly #auth: GoogleAuth | undefined;
  readonly #attemptMs: number;
  readonly #overallMs: number;

  constructor({ projectId, emulatorHost, attemptMs = 5_000, overallMs = 20_000 }: PubSubOptions) {
    const origin = emulatorHost ? `http://${emulatorHost}` : 'https://pubsub.googleapis.com';
    this.#base = `${origin}/v1/projects/${encodeURIComponent(projectId)}`;
    this.#auth = emulatorHost ? undefined : new GoogleAuth({ scopes: [SCOPE] });
    this.#attemptMs = attemptMs;
    this.#overallMs = overallMs;
  }

  /** Resolves when Pub/Sub keeps the message. */
  async publish(topic: string, { data, attributes }: Message): Promise<void> {
    await this.#post(`topics/${topic}:publish`, {
      messages: [{ data: data.toString('base64'), attributes: wellFormed(attributes) }],
    });
  }

  /** Up to `limit` messages that nobody holds; they come back when their ack deadline passes. */
  async pull(subscription: string, limit: number): Promise<Received[]> {
    const answer = await this.#post(`subscriptions/${subscription}:pull`, { maxMessages: limit });
    const { receivedMessages = [] } = answer as { receivedMessages?: WireReceived[] };
    return receivedMessages.map(({ ackId, message }) => ({
      ackId,
      id: message.messageId,
      publishedAt: new Date(message.publishTime),
      data: Buffer.from(message.data ?? '', 'base64'),
      attributes: message.attributes ?? {},
    }));
  }

  /** Ends messages for good. */
  async acknowledge(subscription: string, ackIds: readonly string[]): Promise<void> {
    if (ackIds.length > 0) await this.#post(`subscriptions/${subscription}:acknowledge`, { ackIds });
  }

  /** How long this caller keeps them; 0 gives them back at once. */
  async keep(subscription: string, ackIds: readonly string[], seconds: number): Promise<void> {
    if (ackIds.length === 0) return;
    await this.#post(`subscriptions/${subscription}:modifyAckDeadline`, {
      ackIds,
      ackDeadlineSeconds: seconds,
    });
  }

  async #post(path: string, body: unknown): Promise<unknown> {
    try {
      return await retry(
        { maxAttempts: 6, baseMs: 100, maxMs: 2_000, overallMs: this.#overallMs, verdict: transient },
        undefined,
        (signal) => withDeadline(this.#attemptMs, signal, (inner) => this.#send(path, body, inner)),
      );
    } catch (error) {
      if (error instanceof PubSubError && !transient(error)) throw error;
      const why = error instanceof DeadlineExceeded ? 'did not answer in time' : 'could not be reached';
      throw new PubSubError(503, `Pub/Sub ${why} (${path}).`, { cause: error });
    }
  }

  async #send(path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
    const token = await this.#auth?.getAccessToken();
    const response = await fetch(`${this.#base}/${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      body: JSON.stringify(body),
      signal,
    });
    const text = await response.text();
    if (response.ok) return JSON.parse(text || '{}');
    throw new PubSubError(response.status, `Pub/Sub refused ${path}: ${sentenceOf(text, response.status)}`);
  }
}

interface WireReceived {
  ackId: string;
  message: {
    messageId: string;
    publishTime: string;
    data?: string;
    attributes?: Record<string, string>;
  };
}

function sentenceOf(body: string, status: number): string {
  try {
    const { error } = JSON.parse(body) as { error?: { message?: string } };
    return error?.message ?? `HTTP ${status}`;
  } catch {
    return `HTTP ${status}`;
  }
}

interface BellOptions {
  /** Undefined, as the project may be: nobody listens. */
  topic: string | undefined;
  projectId: string | undefined;
  /** `host:port` of a server without credentials. */
  emulatorHost: string | undefined;
}

/** Nobody waits longer than this to ring. Milliseconds. */
const RING_MS = 3_000;

/**
 * Wakes a function now that would run later by its schedule anyway. Only a bell: what there is to do stands in the
 * documents. `unheard` is told of a failure, which is none of the caller's.
 */
export function createBell<Said>(
  { topic, projectId, emulatorHost }: BellOptions,
  unheard: (error: unknown, said: Said) => void,
): (said: Said) => Promise<void> {
  if (topic === undefined || projectId === undefined) return async () => {};
  const emulator = emulatorHost === undefined ? {} : { emulatorHost };
  const pubsub = new PubSub({ projectId, overallMs: RING_MS, ...emulator });
  return (said) =>
    pubsub
      .publish(topic, { data: Buffer.from(JSON.stringify(said)), attributes: {} })
      .catch((error: unknown) => unheard(error, said));
}
