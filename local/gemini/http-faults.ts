import type { ApiName } from './address.ts';
import {
  creditGone,
  deadlineExceeded,
  forbidden,
  GeminiError,
  internal,
  invalidArgument,
  modelNotFound,
  overloaded,
  payloadTooLarge,
  poolExhausted,
  quotaExceeded,
  requestTimeout,
  unauthenticated,
} from './errors.ts';
import type { HttpFault } from './fault-names.ts';

/**
 * Bytes of a whole request, base64 included: 100 MB since January 2026. Vertex AI publishes a limit for flex requests
 * alone; it holds for all of them here. https://ai.google.dev/gemini-api/docs/file-input-methods
 */
export const MAX_REQUEST_BYTES: Readonly<Record<ApiName, number>> = {
  developer: 100 * 1024 * 1024,
  vertex: 20 * 1024 * 1024,
};

/** The quotas the API names in a 429, without their values. */
export const QUOTAS = {
  perMinute: {
    quotaMetric: 'generativelanguage.googleapis.com/generate_content_free_tier_requests',
    quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier',
  },
  perDay: {
    quotaMetric: 'generativelanguage.googleapis.com/generate_content_free_tier_requests',
    quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier',
  },
  tokensPerMinute: {
    quotaMetric: 'generativelanguage.googleapis.com/generate_content_free_tier_input_token_count',
    quotaId: 'GenerateContentInputTokensPerModelPerMinute-FreeTier',
  },
  spend: {
    quotaMetric: 'generativelanguage.googleapis.com/generate_content_paid_tier_spend',
    quotaId: 'SpendPerTenMinutesPerProject-PaidTier',
  },
} as const;

/** A day's quota is gone until midnight in Los Angeles, and yet its 429 asks for a few seconds. */
export const PER_DAY_RETRY_SECONDS = 3;

/** The answer of a fault that is drawn or scripted, not counted: quota values are Google's free tier. */
export function httpFault(fault: HttpFault, model: string, retryDelaySeconds: number): GeminiError {
  switch (fault) {
    case 'quota429':
      return quotaExceeded({ ...QUOTAS.perMinute, quotaValue: 15, model }, retryDelaySeconds);
    case 'quotaDay429':
      return quotaExceeded({ ...QUOTAS.perDay, quotaValue: 1000, model }, PER_DAY_RETRY_SECONDS);
    case 'tokens429':
      return quotaExceeded({ ...QUOTAS.tokensPerMinute, quotaValue: 250_000, model }, retryDelaySeconds);
    case 'spend429':
      return quotaExceeded({ ...QUOTAS.spend, quotaValue: 10, model }, retryDelaySeconds);
    case 'pool429':
      return poolExhausted();
    case 'credit402':
      return creditGone();
    case 'unauthenticated401':
      return unauthenticated();
    case 'forbidden403':
      return forbidden();
    case 'invalid400':
      return invalidArgument('Request contains an invalid argument.');
    case 'notFound404':
      return modelNotFound(model, 'v1beta', 'generateContent');
    case 'timeout408':
      return requestTimeout();
    case 'tooLarge413':
      return payloadTooLarge(413, MAX_REQUEST_BYTES.developer);
    case 'server500':
      return internal();
    case 'server502':
      return new GeminiError(502, 'UNAVAILABLE', 'Bad Gateway');
    case 'server503':
      return overloaded();
    case 'server504':
      return deadlineExceeded();
  }
}
