import { integer } from '../../base/config.ts';
import { dispositionOf, PipelineError } from '../../base/errors/pipeline-error.ts';
import type { AskModel, ModelReply, ModelRequest } from '../request.ts';
import type { ModelGate, Persistence } from './call-path.ts';

export const routingVariables = {
  /** Questions that go first to a model which is not the best one at the moment, so that a change is noticed. */
  MODEL_EXPLORATION_PERCENT: integer('percent', { min: 0, max: 100, default: 5 }),
};

interface RouterOptions {
  /** Share of the questions, 0..1, that go first to another model than the best one. */
  explorationShare: number;
  random?: () => number;
}

/** The last ten answers count for nine tenths; a failure counts half after a minute. */
const RECORD = { weight: 0.2, halfLifeMs: 60_000 };

interface Candidate {
  model: string;
  /** Epoch milliseconds; 0 when it may be called now. */
  blockedUntil: number;
}

/**
 * Chooses among the models that may answer a request: the one from which an answer is expected soonest goes first, those
 * that are paused or rest are skipped. While another one is left nobody waits for a model in trouble. When all are
 * skipped, the one that returns first is waited for, or its failure is thrown, which names that time.
 */
export function createRouter(
  guard: Pick<ModelGate, 'ask' | 'blockedUntil'>,
  { explorationShare, random = Math.random }: RouterOptions,
): AskModel {
  const records = new Map<string, TrackRecord>();
  const recordOf = (model: string): TrackRecord => {
    const record = records.get(model) ?? new TrackRecord(RECORD);
    records.set(model, record);
    return record;
  };

  const ask = async (
    request: ModelRequest,
    model: string,
    signal: AbortSignal,
    persistence: Persistence,
  ): Promise<ModelReply> => {
    const startedAt = Date.now();
    try {
      const reply = await guard.ask({ ...request, model }, signal, persistence);
      recordOf(model).answered(Date.now() - startedAt);
      return { ...reply, requested: model };
    } catch (error) {
      if (anotherMayAnswer(error)) recordOf(model).failed();
      throw error;
    }
  };

  return async (request, signal) => {
    const models = [request.model, ...(request.alternatives ?? [])];
    if (models.length === 1) return ask(request, request.model, signal, 'stay');

    const candidates = await Promise.all(
      models.map(
        async (model): Promise<Candidate> => ({ model, blockedUntil: await guard.blockedUntil(model) }),
      ),
    );
    const order = toTry(candidates, (model) => recordOf(model).expectedMs(Date.now()));
    if (order.length > 1 && random() < explorationShare) explore(order, random);

    let failure: unknown;
    for (const [i, model] of order.entries()) {
      try {
        return await ask(request, model, signal, i < order.length - 1 ? 'move-on' : 'stay');
      } catch (error) {
        failure = failure === undefined ? error : soonerOver(failure, error);
        if (!anotherMayAnswer(error)) break;
      }
    }
    throw failure;
  };
}

/** Those that may be called, best first; if there is none, the one that may be called first. */
export function toTry(candidates: readonly Candidate[], expectedMs: (model: string) => number): string[] {
  const open = candidates.filter(({ blockedUntil }) => blockedUntil === 0);
  if (open.length > 0) return open.map(({ model }) => model).sort((a, b) => expectedMs(a) - expectedMs(b));
  return candidates
    .toSorted((a, b) => a.blockedUntil - b.blockedUntil)
    .slice(0, 1)
    .map(({ model }) => model);
}

/** Moves one of the others to the front. */
function explore(order: string[], random: () => number): void {
  const [chosen] = order.splice(1 + Math.floor(random() * (order.length - 1)), 1);
  if (chosen !== undefined) order.unshift(chosen);
}

/** Whether the failure is this model's, not the picture's or the request's. */
const anotherMayAnswer = (error: unknown): boolean => dispositionOf(error)?.alternative === true;

/** Of two failures the one after which work goes on sooner. One that is over for good comes last. */
function soonerOver(a: unknown, b: unknown): unknown {
  return resumesAt(b) < resumesAt(a) ? b : a;
}

function resumesAt(error: unknown): number {
  if (!(error instanceof PipelineError)) return 0;
  const { redeliver, park } = error.disposition;
  if (redeliver) return error.facts.until ?? 0;
  return park ? (error.facts.until ?? Number.MAX_SAFE_INTEGER) : Number.POSITIVE_INFINITY;
}
interface TrackRecordOptions {
  /** Weight of the newest observation, 0..1. */
  weight: number;
  /** After this time a share of failures counts half, so that a failed one is tried again. Milliseconds. */
  halfLifeMs: number;
}

/** How fast and how reliably a service answered lately, as exponentially weighted means. */
export class TrackRecord {
  readonly #options: TrackRecordOptions;
  #latencyMs: number | undefined;
  #failureShare = 0;
  #at = 0;

  constructor(options: TrackRecordOptions) {
    this.#options = options;
  }

  answered(latencyMs: number): void {
    this.#latencyMs = this.#latencyMs === undefined ? latencyMs : this.#mean(this.#latencyMs, latencyMs);
    this.#note(0);
  }

  failed(): void {
    this.#note(1);
  }

  /** 0..1, fading with time. */
  failureShare(nowMs: number): number {
    return this.#failureShare * 0.5 ** ((nowMs - this.#at) / this.#options.halfLifeMs);
  }

  /**
   * Milliseconds until an answer may be expected, failed tries included: latency / share of successes. 0 for a service
   * that has not been tried, so that it is.
   */
  expectedMs(nowMs: number): number {
    const failures = Math.min(this.failureShare(nowMs), MAX_FAILURE_SHARE);
    if (this.#latencyMs === undefined) return failures > 0 ? UNKNOWN_LATENCY_MS / (1 - failures) : 0;
    return this.#latencyMs / (1 - failures);
  }

  #note(failure: 0 | 1): void {
    const now = Date.now();
    this.#failureShare = this.#mean(this.failureShare(now), failure);
    this.#at = now;
  }

  #mean(before: number, observed: number): number {
    return before + this.#options.weight * (observed - before);
  }
}

/** Keeps the expectation of a service that always fails finite. */
const MAX_FAILURE_SHARE = 0.99;

/** What is expected of a service that has only failed so far. */
const UNKNOWN_LATENCY_MS = 5_000;
