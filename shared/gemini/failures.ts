import { z } from 'zod';
import type { FailureCode } from '../errors/codes.ts';
import { PipelineError } from '../errors/pipeline-error.ts';
import { nextPacificMidnight } from './pacific-time.ts';

/** What an HTTP error of the Gemini API says, whichever client received it. */
export interface ApiFailure {
  httpStatus: number;
  /** Google's own sentence. */
  message: string;
  details: readonly unknown[];
  /** Header Retry-After in milliseconds, if there was one. */
  retryAfterMs: number | undefined;
}

const retryInfo = z.object({ retryDelay: z.string().regex(/^\d+(\.\d+)?s$/) });
const quotaFailure = z.object({ violations: z.array(z.object({ quotaId: z.string().default('') })) });
const errorInfo = z.object({ reason: z.string() });

/** The spend limit counts a rolling window of ten minutes; after that time at the latest there is room again. */
const SPEND_WINDOW_MS = 600_000;

/**
 * Translates by HTTP status, never by `status` (402 and 429 both say RESOURCE_EXHAUSTED) and never by message.
 * Google's debug details can repeat the API key, so they never get past this function.
 */
export function translateApiFailure(failure: ApiFailure, model: string, nowMs: number): PipelineError {
  const { code, sentence, facts } = classify(failure, nowMs);
  return new PipelineError(code, `${model}: ${sentence}`, {
    facts: { httpStatus: failure.httpStatus, ...facts },
    cause: new Error(`HTTP ${failure.httpStatus} from the Gemini API: ${safe(failure.message)}`),
  });
}

interface Class {
  code: FailureCode;
  sentence: string;
  facts?: { retryAfterMs?: number; until?: number };
}

function classify(failure: ApiFailure, nowMs: number): Class {
  const { httpStatus } = failure;
  switch (httpStatus) {
    case 400:
      return reasonOf(failure) === 'API_KEY_INVALID'
        ? { code: 'MODEL_CREDENTIALS', sentence: 'the API key is not valid.' }
        : { code: 'MODEL_REJECTED_REQUEST', sentence: `the request was rejected: ${safe(failure.message)}` };
    case 401:
    case 403:
      return {
        code: 'MODEL_CREDENTIALS',
        sentence: `access was refused (HTTP ${httpStatus}): ${safe(failure.message)}`,
      };
    case 402:
      return { code: 'MODEL_CREDIT', sentence: 'the prepaid credit is used up.' };
    case 404:
      return { code: 'MODEL_NOT_FOUND', sentence: `not found: ${safe(failure.message)}` };
    case 408:
    case 504:
      return {
        code: 'MODEL_TIMEOUT',
        sentence: `no answer in time (HTTP ${httpStatus}).`,
        facts: told(failure),
      };
    case 413:
      return { code: 'MODEL_REQUEST_TOO_LARGE', sentence: 'the request is too large.' };
    case 429:
      return classifyQuota(failure, nowMs);
    default:
      return httpStatus >= 500
        ? {
            code: 'MODEL_OVERLOADED',
            sentence: `overloaded or failing (HTTP ${httpStatus}).`,
            facts: told(failure),
          }
        : { code: 'MODEL_REJECTED_REQUEST', sentence: `HTTP ${httpStatus}: ${safe(failure.message)}` };
  }
}

/** A per-day quota is empty until midnight Pacific, even when the same answer says "retry in 3 s". */
function classifyQuota(failure: ApiFailure, nowMs: number): Class {
  const quotaIds = failure.details.flatMap((detail) => quotaFailure.safeParse(detail).data?.violations ?? []);
  if (quotaIds.some(({ quotaId }) => quotaId.includes('PerDay'))) {
    return {
      code: 'MODEL_QUOTA_DAY',
      sentence: 'the quota of requests per day is used up until midnight Pacific time.',
      facts: { until: nextPacificMidnight(nowMs) },
    };
  }
  if (quotaIds.some(({ quotaId }) => quotaId.includes('Spend'))) {
    const { retryAfterMs = SPEND_WINDOW_MS } = told(failure);
    return {
      code: 'MODEL_QUOTA_SPEND',
      sentence: 'the spend limit of ten minutes is used up.',
      facts: { retryAfterMs, until: nowMs + retryAfterMs },
    };
  }
  return {
    code: 'MODEL_QUOTA_MINUTE',
    sentence: 'the quota of the moment is used up.',
    facts: told(failure),
  };
}

/** The longer of what the body and the header ask for. */
function told({ details, retryAfterMs }: ApiFailure): { retryAfterMs?: number } {
  const delays = details.flatMap((detail) => {
    const info = retryInfo.safeParse(detail);
    return info.success ? [Number.parseFloat(info.data.retryDelay) * 1000] : [];
  });
  if (retryAfterMs !== undefined) delays.push(retryAfterMs);
  return delays.length > 0 ? { retryAfterMs: Math.max(...delays) } : {};
}

const reasonOf = ({ details }: ApiFailure): string | undefined =>
  details.map((detail) => errorInfo.safeParse(detail).data?.reason).find((reason) => reason !== undefined);

const MAX_MESSAGE = 300;

/** Google's sentence, cut to a readable length, with anything that looks like a key struck out. */
const safe = (message: string): string =>
  message.replace(/\b(AIza|AQ\.|ya29\.)[\w.-]{10,}/g, '[key]').slice(0, MAX_MESSAGE) || 'no reason given.';
