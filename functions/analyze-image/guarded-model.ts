import type { Log } from '../../shared/log/log.ts';
import { AdaptiveConcurrency } from '../../shared/resilience/adaptive-concurrency.ts';
import { Breaker } from '../../shared/resilience/breaker.ts';
import { Limiter } from '../../shared/resilience/limiter.ts';
import { RollingWindow } from '../../shared/resilience/rolling-window.ts';
import type { GuardOptions } from './guard-options.ts';
import { busy, isOverload, isVendorAnswer, isVendorFailure, resting } from './guard-rules.ts';

/** What an instance keeps for each model, from its first question on. */
export interface GuardedModel {
  limiter: Limiter;
  breaker: Breaker;
}

const MINUTE_MS = 60_000;

/** A storm of refusals comes within the time of a few calls. */
const COOL_DOWN_MS = 5_000;

/** With 18 % independent errors three quarters of 20 calls fail never, and 8 in a row once in a million calls. */
const BREAKER = { consecutiveFailures: 8, failureShare: 0.75, sampleCalls: 20 };

export const createGuardedModel = (model: string, options: GuardOptions, log: Log): GuardedModel => ({
  limiter: new Limiter({
    concurrency: new AdaptiveConcurrency({ ceiling: options.maxConcurrency, coolDownMs: COOL_DOWN_MS }),
    requests: new RollingWindow(options.requestsPerMinute, MINUTE_MS),
    tokens: new RollingWindow(options.tokensPerMinute, MINUTE_MS),
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
