import { z } from 'zod';
import type { FailureCode } from '../../base/errors/codes.ts';
import { PipelineError } from '../../base/errors/pipeline-error.ts';
import { cutText } from '../../base/text.ts';
import { type HttpAnswer, jsonOf } from './http.ts';

/** What an HTTP error of the Gemini API says, whichever client received it. */
interface ApiFailure {
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

/** An error as all of Google's APIs write it: https://google.aip.dev/193. */
const errorBody = z.object({
  error: z.object({
    status: z.string().default(''),
    message: z.string().default(''),
    details: z.array(z.unknown()).default([]),
  }),
});

/** What the body of a refusal says; nothing where it is no JSON or was cut off. */
export const saidIn = (body: string): z.output<typeof errorBody>['error'] =>
  errorBody.safeParse(jsonOf(body)).data?.error ?? { status: '', message: '', details: [] };

type Refusal = Pick<HttpAnswer, 'status' | 'body'> & { retryAfter?: string | null | undefined };

/**
 * Why a call was refused, by HTTP status, which counts even when the body says nothing; never by `status` (402 and 429
 * both say RESOURCE_EXHAUSTED) and never by message. Google's debug details can repeat the API key, so they never get
 * past this function.
 */
export function translateRefusal(
  { status: httpStatus, retryAfter, body }: Refusal,
  model: string,
): PipelineError {
  const nowMs = Date.now();
  const { message, details } = saidIn(body);
  const failure = { httpStatus, message, details, retryAfterMs: parseRetryAfter(retryAfter ?? '', nowMs) };
  const { code, sentence, facts } = classify(failure, nowMs);
  return new PipelineError(code, `${model}: ${sentence}`, {
    facts: { httpStatus, ...facts },
    cause: new Error(`HTTP ${httpStatus} from the Gemini API: ${safe(message)}`),
  });
}

/**
 * Connection refused, reset, cut off in the middle of the body or a body that is no JSON: never our request's fault.
 * The error's own message can repeat a header or a picture and stays out.
 */
export function translateDisconnection(error: unknown, model: string, api = 'the Gemini API'): PipelineError {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return new PipelineError('MODEL_NETWORK', `${model}: the connection to ${api} failed.`, {
    cause: new Error(`${String(code ?? name ?? 'unknown error')} while calling ${api}`),
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
  cutText(message.replace(/\b(AIza|AQ\.|ya29\.)[\w.-]{10,}/g, '[key]'), MAX_MESSAGE) || 'no reason given.';

const PACIFIC = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/Los_Angeles',
  hourCycle: 'h23',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
});

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function millisecondsIntoDay(nowMs: number): number {
  const parts = Object.fromEntries(PACIFIC.formatToParts(nowMs).map((part) => [part.type, part.value]));
  const seconds = Number(parts['hour']) * 3600 + Number(parts['minute']) * 60 + Number(parts['second']);
  return seconds * 1000 + (nowMs % 1000);
}

/** The next midnight in Los Angeles, where requests-per-day quotas renew, in epoch milliseconds. */
function nextPacificMidnight(nowMs: number): number {
  const guess = nowMs + DAY_MS - millisecondsIntoDay(nowMs);
  // On the two days a year when the clocks change, the day has 23 or 25 hours.
  const into = millisecondsIntoDay(guess);
  if (into === 0) return guess;
  return into < DAY_MS / 2 ? guess - into : guess + DAY_MS - into;
}

/** Seconds or an HTTP date (RFC 9110, 10.2.3), as milliseconds from now. */
function parseRetryAfter(value: string, nowMs: number): number | undefined {
  if (/^\d+(\.\d+)?$/.test(value.trim())) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

/** Codes of a connection that could not be made or broke. */
const CONNECTION = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EPIPE']);

/**
 * Why there was no access token. A token server that does not answer is an outage; everything else (no credentials, a
 * key that was deleted, an unreadable file) is for a person. The message can hold parts of a key and stays out.
 */
export function translateTokenFailure(error: unknown, model: string): PipelineError {
  const { name = 'unknown error', code, status } = (error ?? {}) as { [fact: string]: string | number };
  const isOutage = CONNECTION.has(String(code)) || Number(status) >= 500 || Number(status) === 429;
  const cause = new Error(`${name} ${code ?? ''} ${status ?? ''} while getting an access token`);
  return isOutage
    ? new PipelineError('MODEL_NETWORK', `${model}: the server of access tokens does not answer.`, { cause })
    : new PipelineError('MODEL_CREDENTIALS', `${model}: no access token for Vertex AI could be had.`, {
        cause,
      });
}
