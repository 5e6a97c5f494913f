import type { Log } from '../../base/log.ts';
import { AdaptiveConcurrency } from '../../base/resilience/adaptive-concurrency.ts';
import { Breaker } from '../../base/resilience/breaker.ts';
import { Limiter } from '../../base/resilience/limiter.ts';
import { RollingWindow } from '../../base/resilience/rolling-window.ts';
import type { GateOptions } from './options.ts';
import { busy, isOverload, isVendorAnswer, isVendorFailure, resting } from './rules.ts';

/** What an instance keeps for each model, from its first question on. */
export interface GatedModel {
  limiter: Limiter;
  breaker: Breaker;
}

/** A storm of refusals comes within the time of a few calls. */
const COOL_DOWN_MS = 5_000;

/** With 18 % independent errors three quarters of 20 calls fail never, and 8 in a row once in a million calls. */
const BREAKER = { consecutiveFailures: 8, failureShare: 0.75, sampleCalls: 20 };

export const createGatedModel = (
  model: string,
  options: GateOptions,
  quotas: ModelQuotas,
  log: Log,
): GatedModel => ({
  limiter: new Limiter({
    concurrency: new AdaptiveConcurrency({ ceiling: options.maxConcurrency, coolDownMs: COOL_DOWN_MS }),
    ...quotas.of(model),
    maxQueue: options.maxQueue,
    isOverload,
    whenRefused: (reason, untilMs) => busy(model, reason, untilMs),
  }),
  breaker: new Breaker({
    ...BREAKER,
    openMs: options.restMs,
    maxOpenMs: options.maxRestMs,
    isFailure: isVendorFailure,
    isAnswer: isVendorAnswer,
    whenOpen: (untilMs) => resting(model, untilMs),
    onOpen: (until) => log.warn('model.resting', { model, until }),
    onClose: () => log.info('model.back', { model }),
  }),
});

const MINUTE_MS = 60_000;

/** What this instance may send to a model in a minute; 0 is unlimited. */
interface Quota {
  requestsPerMinute: number;
  tokensPerMinute: number;
}

/** Requests and tokens of the rolling minute, by model: Google counts all lanes of a model together. */
export class ModelQuotas {
  readonly #quota: Quota;
  readonly #windows = new Map<string, { requests: RollingWindow; tokens: RollingWindow }>();

  constructor({ requestsPerMinute, tokensPerMinute }: Quota) {
    this.#quota = { requestsPerMinute, tokensPerMinute };
  }

  of(model: string): { requests: RollingWindow; tokens: RollingWindow } {
    const known = this.#windows.get(model);
    if (known) return known;
    const windows = {
      requests: new RollingWindow(this.#quota.requestsPerMinute, MINUTE_MS),
      tokens: new RollingWindow(this.#quota.tokensPerMinute, MINUTE_MS),
    };
    this.#windows.set(model, windows);
    return windows;
  }
}
