import { isFailure, PipelineError } from '../base/errors/pipeline-error.ts';
import type { Log } from '../base/log.ts';
import { DeadlineExceeded } from '../base/resilience/deadline.ts';
import { isTooLate, tooLate } from '../model/gate/rules.ts';
import type { CallCharges, ModelReply, ModelRequest, OpenCharge } from '../model/request.ts';
import type { Lane } from '../prices/lanes.ts';
import type { PixelSize, PriceList } from '../prices/price-list.ts';
import { type NanoUsd, usdOf } from '../prices/units.ts';
import type { Attempt, Source } from '../results/document.ts';
import type { AuditLog } from './audit.ts';
import type { ImageBudget, Reservation } from './budgets.ts';
import type { Estimate, Estimator } from './estimate.ts';
import type { Charge } from './spend-log.ts';

export interface ChargesDependencies {
  prices: PriceList;
  estimator: Estimator;
  audit: Pick<AuditLog, 'record'>;
  log: Log;
  /** So much time must be left for a call to begin. Milliseconds. */
  leastCallMs: number;
}

interface ChargedImage {
  budget: ImageBudget;
  profile: string;
  promptSha256: string;
  size: PixelSize;
  source: Source;
}

interface CallUnderWay {
  request: ModelRequest;
  step: number;
  estimate: Estimate;
  reservation: Reservation;
  startedAt: number;
}

/**
 * The money of one image: each call is paid for from its budget. What a call can cost at most is reserved before it and
 * settled with what was billed after it, so calls side by side never spend the same money.
 */
export class ImageCharges {
  /** A row per call made, and one for a call that was not made for want of money. */
  readonly attempts: Attempt[] = [];
  readonly calls: Charge[] = [];
  /** Expected cost of the first call, and of a gate before it. */
  estimated: NanoUsd = 0;
  /** Expected cost of calls that were given up: they may have been billed. */
  lost: NanoUsd = 0;
  readonly #deps: ChargesDependencies;
  readonly #image: ChargedImage;

  constructor(deps: ChargesDependencies, image: ChargedImage) {
    this.#deps = deps;
    this.#image = image;
  }

  /** For the requests of one step of the ladder, counted from 0. */
  at(step: number): CallCharges {
    return { begin: (request, signal) => this.#begin(request, step, signal) };
  }

  /** What the request is expected to cost; nothing is reserved. */
  expected(request: ModelRequest): NanoUsd {
    return this.#estimate(request, Date.now()).expected;
  }

  /** Billed so far. */
  get billed(): NanoUsd {
    return this.calls.reduce((sum, { nanos }) => sum + nanos, 0);
  }

  /** Says what the last answer was worth, once it has been judged. */
  judged(outcome: string): void {
    const last = this.attempts.at(-1);
    if (last) last.outcome = outcome;
  }

  async #begin(request: ModelRequest, step: number, signal: AbortSignal): Promise<OpenCharge> {
    const startedAt = Date.now();
    const estimate = this.#estimate(request, startedAt);
    if (this.attempts.every((before) => before.step < 0)) this.estimated += estimate.expected;
    let reservation: Reservation;
    try {
      reservation = await this.#image.budget.reserve([estimate.worst, estimate.short.worst], signal);
    } catch (error) {
      const { code } = PipelineError.from(error);
      this.#row({
        model: request.model,
        step,
        outcome: code,
        latencyMs: 0,
        tokens: null,
        costUsd: 0,
        startedAt,
      });
      throw error;
    }
    // The money may have been long in coming.
    if (isTooLate(signal, this.#deps.leastCallMs)) {
      reservation.settle(0);
      throw tooLate(request.model);
    }
    const affordable = reservation.amount < estimate.worst ? shortened(request, estimate) : request;
    return this.#open({ request: affordable, step, estimate, reservation, startedAt: Date.now() });
  }

  #open(call: CallUnderWay): OpenCharge {
    let over = false;
    const once = (end: () => void) => {
      if (over) return;
      over = true;
      end();
    };
    return {
      request: call.request,
      answered: (reply) => once(() => this.#answered(call, reply)),
      failed: (error) => once(() => this.#failed(call, error)),
    };
  }

  #answered(call: CallUnderWay, reply: ModelReply): void {
    const { request, estimate, reservation, startedAt } = call;
    const { usage } = reply;
    if (usage === null) {
      this.#unknown(call, 'no-usage', reply.modelVersion);
      return;
    }
    const { prices, estimator, log } = this.#deps;
    const priced = prices.costOf({
      version: reply.modelVersion,
      requested: request.model,
      usage,
      atMs: startedAt,
      ...laneOf(reply),
    });
    reservation.settle(priced.nanos);
    const { pricedAs: model, nanos } = priced;
    // What is expected is of the lane that was asked for; a bill of another one is held against that one's.
    const { lane: asked, ...question } = request;
    const { expected } =
      reply.lane === asked ? estimate : this.#estimate({ ...question, ...laneOf(reply) }, startedAt);
    this.calls.push({ model, ...laneOf(reply), tokens: usage, nanos, expected });
    estimator.learn(this.#image.profile, request, usage);
    if (priced.assumed) log.warn('price.assumed', { version: reply.modelVersion, pricedAs: priced.pricedAs });
    if (priced.nanos > estimate.worst)
      log.warn('estimate.exceeded', { model: request.model, worst: estimate.worst, billed: priced.nanos });
    this.#finished(call, {
      version: reply.modelVersion,
      outcome: 'answered',
      tokens: usage,
      nanos: priced.nanos,
      ...laneOf(reply),
    });
  }

  #failed(call: CallUnderWay, error: unknown): void {
    const outcome = error instanceof DeadlineExceeded ? 'MODEL_TIMEOUT' : PipelineError.from(error).code;
    // Google bills nothing for an HTTP error. An answer that was given up on may have been billed; a connection that
    // broke is not counted, or an outage of the network would use up the budget on paper.
    if (isGivenUp(error)) {
      this.#unknown(call, outcome, null);
      return;
    }
    call.reservation.settle(0);
    this.#finished(call, { version: null, outcome, tokens: null, nanos: 0 });
  }

  #unknown(call: CallUnderWay, outcome: string, version: string | null): void {
    const { expected } = call.estimate;
    call.reservation.settle(expected);
    this.lost += expected;
    this.#finished(call, { version, outcome, tokens: null, nanos: null });
  }

  #finished(
    { request, step, startedAt }: CallUnderWay,
    end: {
      version: string | null;
      outcome: string;
      tokens: Attempt['tokens'];
      nanos: NanoUsd | null;
      lane?: Lane;
    },
  ): void {
    const { version, outcome, tokens } = end;
    // Without an answer it is the lane that was asked for.
    const lane = laneOf(version === null ? request : end);
    const costUsd = end.nanos === null ? null : usdOf(end.nanos);
    const latencyMs = Date.now() - startedAt;
    this.#row({
      model: version ?? request.model,
      step,
      outcome,
      ...lane,
      latencyMs,
      tokens,
      costUsd,
      startedAt,
    });
    const { source, profile, promptSha256 } = this.#image;
    const { uploader, bucket, name, generation } = source;
    this.#deps.audit.record({
      at: new Date(startedAt),
      ...{ uploader, bucket, name, generation, profile, promptSha256 },
      ...{ model: request.model, version, step, outcome, ...lane, tokens, costUsd, latencyMs },
    });
  }

  #row({ startedAt, ...row }: Omit<Attempt, 'at'> & { startedAt: number }): void {
    this.attempts.push({ ...row, at: new Date(startedAt) });
  }

  #estimate(request: ModelRequest, atMs: number): Estimate {
    return this.#deps.estimator.estimate(this.#image.profile, request, this.#image.size, atMs);
  }
}

/** Absent for `standard`, as everywhere. */
const laneOf = ({ lane }: { lane?: Lane }): { lane?: Lane } => (lane === undefined ? {} : { lane });

const shortened = (request: ModelRequest, { short }: Estimate): ModelRequest => ({
  ...request,
  step: { ...request.step, maxOutputTokens: short.maxOutputTokens },
});

const isGivenUp = (error: unknown): boolean =>
  error instanceof DeadlineExceeded ||
  (isFailure(error, 'MODEL_TIMEOUT', 'TIME_LIMIT') && !(error as PipelineError).facts.httpStatus) ||
  (error instanceof Error && error.name === 'AbortError');
