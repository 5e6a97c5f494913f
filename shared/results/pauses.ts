import { z } from 'zod';
import { FAILURE_CODES, FAILURES, type FailureCode } from '../base/errors/codes.ts';
import type { Log } from '../base/log.ts';
import { withDeadline } from '../base/resilience/deadline.ts';
import type { Documents } from '../cloud/firestore/documents.ts';

interface ControlOptions {
  /** How long what was read counts as known, in milliseconds. */
  cacheMs: number;
  log: Log;
}

interface Known {
  pause: Pause | undefined;
  /** Epoch milliseconds; of the last reading, and of the last pause that this instance itself set. */
  readAt: number;
  setAt: number;
  reading: Promise<void> | undefined;
}

/** Pauses must not depend on Firestore answering quickly. Milliseconds. */
const PATIENCE_MS = 1_500;

/** Up to this many times `cacheMs` old, what is known still answers while it is read again. */
const STALE_FACTOR = 3;

const MAX_WRITES = 5;

/** One document for each model and a few more. */
const MAX_TARGETS = 300;

/**
 * What all instances know of each other's refusals: the documents `control/pipeline` and `control/model-<id>`.
 * The pipeline itself only ever makes a pause longer. When Firestore does not answer, what was known last holds, and
 * otherwise nothing is paused.
 */
export class Control {
  readonly #documents: Documents;
  readonly #options: ControlOptions;
  readonly #known = new Map<string, Known>();

  constructor(documents: Documents, options: ControlOptions) {
    this.#documents = documents;
    this.#options = options;
  }

  /** The pause that holds now, if any. Waits for Firestore only when nothing is known or it is long out of date. */
  async pauseOf(target: Target): Promise<Pause | undefined> {
    const known = this.#knownOf(target);
    const age = Date.now() - known.readAt;
    if (age >= this.#options.cacheMs) {
      known.reading ??= this.#read(target, known);
      if (age >= this.#options.cacheMs * STALE_FACTOR) await known.reading;
    }
    return isActive(known.pause, Date.now()) ? known.pause : undefined;
  }

  /** Pauses the target here at once and for the other instances as soon as they look; a longer pause stays. */
  async pause(target: Target, pause: Pause): Promise<void> {
    const known = this.#knownOf(target);
    if (!extendsPause(known.pause, pause)) return;
    const now = Date.now();
    this.#set(known, pause, now);
    // Others would hear of a shorter one when it is over.
    if (pause.until - now <= this.#options.cacheMs) return;
    this.#options.log.warn('control.paused', { path: pathOf(target), code: pause.code, until: pause.until });
    await this.#attempt('control.not-shared', target, () => this.#extend(target, known, pause));
  }

  /** A person's word: replaces whatever pause there is; undefined lifts it. Throws STORE_UNAVAILABLE. */
  async set(target: Target, pause: Pause | undefined): Promise<void> {
    const now = Date.now();
    await this.#documents.merge(pathOf(target), toDocument(target, pause, now));
    this.#set(this.#knownOf(target), pause, now);
  }

  /** When a person last lifted a pause, epoch milliseconds; 0 if nobody did. Always read again. Throws STORE_UNAVAILABLE. */
  async liftedAt(target: Target): Promise<number> {
    return liftedAtOf((await this.#documents.get(pathOf(target)))?.data);
  }

  /** Everything that is paused now, and the documents that nobody can read. Always read again. Throws STORE_UNAVAILABLE. */
  async all(): Promise<{ target: Target; pause: Pause | 'unreadable' }[]> {
    const stored = await this.#documents.query('control', { limit: MAX_TARGETS });
    return stored.flatMap(({ id, data }) => {
      const target = targetOf(id);
      const pause = target && pauseIn(target, data);
      return target && pause && (pause === 'unreadable' || isActive(pause, Date.now()))
        ? [{ target, pause }]
        : [];
    });
  }

  async #read(target: Target, known: Known): Promise<void> {
    const startedAt = Date.now();
    await this.#attempt('control.not-read', target, async () => {
      const stored = await this.#documents.get(pathOf(target));
      // What this instance set meanwhile is newer than what was read.
      if (known.setAt < startedAt) known.pause = stored && fromDocument(target, stored.data);
    });
    known.readAt = Date.now();
    known.reading = undefined;
  }

  async #extend(target: Target, known: Known, pause: Pause): Promise<void> {
    const path = pathOf(target);
    const patch = toDocument(target, pause, Date.now());
    for (let i = 0; i < MAX_WRITES; i += 1) {
      const stored = await this.#documents.get(path);
      const existing = stored && fromDocument(target, stored.data);
      if (existing && !extendsPause(existing, pause)) return this.#set(known, existing, Date.now());
      const written = stored
        ? await this.#documents.compareAndSet(path, patch, stored.version)
        : await this.#documents.create(path, patch);
      if (written !== 'stale' && written !== 'exists') return;
    }
  }

  async #attempt(event: string, target: Target, work: () => Promise<void>): Promise<void> {
    try {
      await withDeadline(PATIENCE_MS, undefined, work);
    } catch (error) {
      this.#options.log.error(event, error, { path: pathOf(target) });
    }
  }

  #set(known: Known, pause: Pause | undefined, nowMs: number): void {
    known.pause = pause;
    known.readAt = nowMs;
    known.setAt = nowMs;
  }

  #knownOf(target: Target): Known {
    const path = pathOf(target);
    let known = this.#known.get(path);
    if (!known) {
      known = { pause: undefined, readAt: 0, setAt: 0, reading: undefined };
      this.#known.set(path, known);
    }
    return known;
  }
}

/** The pipeline is paused because no model lets us call it, not because somebody wants it to rest. */
export const isForWantOfAccess = ({ code }: Pick<Pause, 'code'>): boolean =>
  FAILURES[code].fault === 'access';

/** What is paused: everything, or the calls of one model. */
export type Target = 'pipeline' | { model: string };

/** Why nothing is called, and until when. */
export interface Pause {
  /** Epoch milliseconds; Infinity means until a person lifts it. */
  until: number;
  /** What a call would fail with, and what an image fails with instead of being called for. */
  code: FailureCode;
  /** One sentence for people. */
  reason: string;
}

/** Pauses that differ by less are the same one, received by several calls at once. */
const SAME_MS = 1_000;

export const isActive = (pause: Pause | undefined, nowMs: number): pause is Pause =>
  pause !== undefined && pause.until > nowMs;

/** Whether `wanted` goes on for longer than what is known. */
const extendsPause = (known: Pause | undefined, wanted: Pause): boolean =>
  known === undefined || wanted.until > known.until + SAME_MS;

const MODEL_PREFIX = 'model-';

export const pathOf = (target: Target): string =>
  target === 'pipeline' ? 'control/pipeline' : `control/${MODEL_PREFIX}${encodeURIComponent(target.model)}`;

/** What a control document is about; undefined when it is about something else than a pause. */
function targetOf(documentId: string): Target | undefined {
  if (documentId === 'pipeline') return 'pipeline';
  return documentId.startsWith(MODEL_PREFIX)
    ? { model: decodeURIComponent(documentId.slice(MODEL_PREFIX.length)) }
    : undefined;
}

function pauseIn(target: Target, data: Record<string, unknown>): Pause | 'unreadable' | undefined {
  try {
    return fromDocument(target, data);
  } catch {
    return 'unreadable';
  }
}

/** A code that only another version knows pauses all the same. */
const codeOr = (byHand: FailureCode) => z.enum(FAILURE_CODES).default(byHand).catch(byHand);
const reason = z.string().default('paused by hand');

/** `control/pipeline`; without `until` the pause lasts until it is lifted. */
const pipelineDocument = z.object({
  paused: z.boolean(),
  until: z.date().nullish(),
  reason,
  code: codeOr('PIPELINE_PAUSED'),
});

/** `control/model-<id>`. */
const modelDocument = z.object({
  pausedUntil: z.date().nullish(),
  reason,
  code: codeOr('MODEL_PAUSED_BY_HAND'),
});

/** A model's pause without an end: a time that nobody lives to see, so that every version can read it. */
const FOREVER = Date.UTC(9999, 0, 1);

/** The pause that a control document holds, if any. Throws a ZodError for one that nobody could have meant. */
export function fromDocument(target: Target, data: Record<string, unknown>): Pause | undefined {
  if (target === 'pipeline') {
    const { paused, until, ...why } = pipelineDocument.parse(data);
    return paused ? { ...why, until: until?.getTime() ?? Number.POSITIVE_INFINITY } : undefined;
  }
  const { pausedUntil, ...why } = modelDocument.parse(data);
  if (!pausedUntil) return undefined;
  const until = pausedUntil.getTime();
  return { ...why, until: until >= FOREVER ? Number.POSITIVE_INFINITY : until };
}

/** When a person last lifted a pause, epoch milliseconds; 0 when the control document does not say. */
const liftedAtOf = (data: Record<string, unknown> | undefined): number =>
  data?.['liftedAt'] instanceof Date ? data['liftedAt'].getTime() : 0;

/** Field values of the control document of a pause; `undefined` lifts it. */
function toDocument(target: Target, pause: Pause | undefined, nowMs: number): Record<string, unknown> {
  const until = pause && Number.isFinite(pause.until) ? new Date(pause.until) : null;
  const untilEver = pause && !until ? new Date(FOREVER) : until;
  const now = new Date(nowMs);
  // A pause leaves the time at which the one before it was lifted.
  const why = pause
    ? { reason: pause.reason, code: pause.code, updatedAt: now }
    : { reason: 'lifted', code: undefined, updatedAt: now, liftedAt: now };
  return target === 'pipeline'
    ? { paused: pause !== undefined, until, ...why }
    : { pausedUntil: untilEver, ...why };
}
