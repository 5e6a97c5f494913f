import type { Documents } from '../firestore/documents.ts';
import type { Log } from '../log/log.ts';
import { withDeadline } from '../resilience/deadline.ts';
import {
  extendsPause,
  fromDocument,
  isActive,
  liftedAtOf,
  type Pause,
  pathOf,
  type Target,
  toDocument,
} from './pause.ts';

export interface ControlOptions {
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

/** Up to this many times `cacheMs` old, what is known still answers while it is read anew. */
const STALE_FACTOR = 3;

const MAX_WRITES = 5;

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

  /** When a person last lifted a pause, epoch milliseconds; 0 if nobody did. Always read anew. Throws STORE_UNAVAILABLE. */
  async liftedAt(target: Target): Promise<number> {
    return liftedAtOf((await this.#documents.get(pathOf(target)))?.data);
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
