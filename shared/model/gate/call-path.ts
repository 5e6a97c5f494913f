import { PipelineError } from '../../base/errors/pipeline-error.ts';
import type { Log } from '../../base/log.ts';
import { DeadlineExceeded, SharedDeadline, withDeadline } from '../../base/resilience/deadline.ts';
import type { Slot } from '../../base/resilience/limiter.ts';
import { RetryBudget, type RetryOptions, retry } from '../../base/resilience/retry.ts';
import type { Control } from '../../results/pauses.ts';
import { type AskModel, estimatePromptTokens, type ModelReply, type ModelRequest } from '../request.ts';
import { createGatedModel, type GatedModel, ModelQuotas } from './gated-model.ts';
import { type GateOptions, leastCallMs } from './options.ts';
import {
  isTooLate,
  pauseAfter,
  refuseWhilePaused,
  repetition,
  resting,
  tooLate,
  withUntil,
} from './rules.ts';

/** `stay` calls again and waits; `move-on` fails at the first trouble, for callers that have another model to ask. */
export type Persistence = 'stay' | 'move-on';

/** How far one question to one model has come. */
interface CallState {
  readonly model: string;
  readonly persistence: Persistence;
  calls: number;
  /** Where the call under way stands in the limiter. */
  slot: Slot | undefined;
}

type Layer = (next: AskModel) => AskModel;

/** The layers around a call, the first one outermost. */
const inOrder =
  (layers: readonly Layer[]) =>
  (call: AskModel): AskModel =>
    layers.reduceRight((next, layer) => layer(next), call);

const RETRY_BUDGET = { perCall: 0.2, perSecond: 0.5, capacity: 20 };

/** Stands between the ladder and the models: what may be called, when, how often and for how long. One per instance. */
export class ModelGate {
  readonly #call: AskModel;
  readonly #control: Control;
  readonly #log: Log;
  readonly #options: GateOptions;
  readonly #quotas: ModelQuotas;
  readonly #budget = new RetryBudget(RETRY_BUDGET);
  readonly #deadline: SharedDeadline;
  readonly #leastCallMs: number;
  readonly #models = new Map<string, GatedModel>();

  /** `quotas`: shared by gates of several lanes, because Google counts them together. */
  constructor(
    call: AskModel,
    control: Control,
    log: Log,
    options: GateOptions,
    quotas: ModelQuotas = new ModelQuotas(options),
  ) {
    this.#quotas = quotas;
    this.#call = call;
    this.#control = control;
    this.#log = log;
    this.#options = options;
    this.#deadline = new SharedDeadline(options.overallMs);
    this.#leastCallMs = leastCallMs(options);
  }

  /** When the model may be called again, in epoch milliseconds; 0 when it may be called now. */
  async blockedUntil(model: string): Promise<number> {
    const pause = await this.#control.pauseOf({ model });
    return Math.max(pause?.until ?? 0, this.#modelOf(model).breaker.openUntil);
  }

  /** Asks the model of the request. Throws a PipelineError; its facts say when the model may be asked again, if known. */
  async ask(
    request: ModelRequest,
    signal: AbortSignal,
    persistence: Persistence = 'stay',
  ): Promise<ModelReply> {
    const { model } = request;
    const { limiter, breaker } = this.#modelOf(model);
    const state: CallState = { model, persistence, calls: 0, slot: undefined };
    const rules = this.#retryRules(state, this.#timeLeft(model, signal));
    const tokens = estimatePromptTokens(request);
    const unlessBlocked: Layer = (next) => async (asked, inner) => {
      await this.#refuseIfBlocked(model);
      return next(asked, inner);
    };
    const unlessBlockedOrLate: Layer = (next) => async (asked, inner) => {
      if (isTooLate(inner, this.#leastCallMs)) throw tooLate(model);
      return unlessBlocked(next)(asked, inner);
    };
    // From the ladder to the socket, outermost first.
    const path = inOrder([
      // A backoff sleeps outside the limiter, so it never holds a slot.
      (next) => (asked, outer) => retry(rules, outer, (inner) => next(asked, inner)),
      // Queueing for a paused model would be in vain.
      unlessBlocked,
      // Quota and concurrency; what waits here has not begun.
      (next) => (asked, inner) =>
        limiter.run(tokens, inner, (slot) => {
          state.slot = slot;
          return next(asked, inner);
        }),
      // The queue may have been long.
      unlessBlockedOrLate,
      // Sees single calls, not what retries made of them, and no time spent waiting in the queue.
      (next) => (asked, inner) => breaker.run(inner, () => next(asked, inner)),
      // The probe of a breaker may have been waited for.
      unlessBlockedOrLate,
      // Counts the call and learns from its end, before the slot goes to the next one.
      (next) => (asked, inner) => this.#observed(state, inner, () => next(asked, inner)),
      // Inside retries, because each repetition is billed; outside the deadline, because waiting for money is not the model's time.
      charged,
      // The attempt's clock starts last: neither the queue nor the wait for money eats the model's time.
      (next) => (asked, inner) =>
        withDeadline(this.#options.attemptMs, inner, (attempt) => next(asked, attempt)),
    ]);
    try {
      return await path(this.#call)(request, signal);
    } catch (error) {
      if (error instanceof DeadlineExceeded) throw this.#outOfTime(model, error);
      throw error;
    }
  }

  #timeLeft(model: string, signal: AbortSignal): number {
    const leftMs = this.#deadline.leftMs(signal);
    if (leftMs === 0) throw this.#outOfTime(model, undefined);
    return leftMs;
  }

  #outOfTime(model: string, cause: unknown): PipelineError {
    const { limitMs } = this.#deadline;
    return new PipelineError(
      'TIME_LIMIT',
      `${model}: the ${limitMs} ms for all calls of a picture are over.`,
      { cause },
    );
  }

  #retryRules(state: CallState, overallMs: number): RetryOptions {
    const { maxAttempts, baseMs, maxMs, random } = this.#options;
    return {
      baseMs,
      maxMs,
      overallMs,
      ...(random ? { random } : {}),
      // Calls are counted below: to find a model paused and wait is not one.
      maxAttempts: Number.POSITIVE_INFINITY,
      verdict: (error) => {
        const next = repetition(error);
        if (state.persistence === 'move-on' || next.kind === 'never') return false;
        if (state.calls >= maxAttempts) return false;
        // A caller that returns when the server said so does not add to a storm.
        return next.kind === 'told' ? next.waitMs : this.#budget.spend();
      },
    };
  }

  async #refuseIfBlocked(model: string): Promise<void> {
    await refuseWhilePaused(this.#control, model);
    const { openUntil } = this.#modelOf(model).breaker;
    if (openUntil > 0) throw resting(model, openUntil);
  }

  async #observed(
    state: CallState,
    signal: AbortSignal,
    call: () => Promise<ModelReply>,
  ): Promise<ModelReply> {
    const { model, slot } = state;
    state.calls += 1;
    this.#budget.earn();
    slot?.sent();
    try {
      const reply = await call();
      if (reply.usage) slot?.usedTokens(reply.usage.prompt);
      return reply;
    } catch (error) {
      const failure = asFailure(error, model, signal);
      if (!(failure instanceof PipelineError)) throw failure;
      // A refusal has cost no tokens; what became of a call that was cut off is not known.
      if (failure.facts.httpStatus !== undefined) slot?.usedTokens(0);
      throw await this.#spread(failure, model);
    }
  }

  async #spread(failure: PipelineError, model: string): Promise<PipelineError> {
    const known = pauseAfter(failure, model, this.#options.repairMs, Date.now());
    if (!known) return failure;
    await this.#control.pause(known.target, known.pause);
    return withUntil(failure, known.pause.until);
  }

  #modelOf(model: string): GatedModel {
    let guarded = this.#models.get(model);
    if (!guarded) {
      guarded = createGatedModel(model, this.#options, this.#quotas, this.#log);
      this.#models.set(model, guarded);
    }
    return guarded;
  }
}

/** The attempt's own deadline is the model's failure; an end that came from outside is not. */
const asFailure = (error: unknown, model: string, signal: AbortSignal): unknown =>
  error instanceof DeadlineExceeded && !signal.aborted
    ? new PipelineError('MODEL_TIMEOUT', `${model}: ${error.message}.`, { cause: error })
    : error;

/** Has the call paid for. A call that is given up is over at that moment, whenever its connection notices. */
export const charged =
  (call: AskModel): AskModel =>
  async (request, signal) => {
    if (!request.charges) return call(request, signal);
    const open = await request.charges.begin(request, signal);
    const givenUp = () => open.failed(signal.reason);
    signal.addEventListener('abort', givenUp, { once: true });
    try {
      const reply = await call(open.request ?? request, signal);
      open.answered(reply);
      return reply;
    } catch (error) {
      open.failed(error);
      throw error;
    } finally {
      signal.removeEventListener('abort', givenUp);
    }
  };
