/**
 * The error bodies of the Gemini API, as recorded from it: `{ error: { code, message, status, details? } }`.
 * `code` repeats the HTTP status; 402 and 429 share the status RESOURCE_EXHAUSTED.
 */

interface ErrorBody {
  error: { code: number; message: string; status: string; details?: readonly ErrorDetail[] };
}

type ErrorDetail = { '@type': string; [fact: string]: unknown };

/** A refusal on its way to the client: `httpStatus` and the JSON body to send. */
export class GeminiError extends Error {
  readonly httpStatus: number;
  readonly body: ErrorBody;

  constructor(httpStatus: number, status: string, message: string, details?: readonly ErrorDetail[]) {
    super(message);
    this.name = 'GeminiError';
    this.httpStatus = httpStatus;
    this.body = { error: { code: httpStatus, message, status, ...(details ? { details } : {}) } };
  }
}

const TROUBLESHOOTING = 'https://developers.generativeai.google/guide/troubleshooting';
const RATE_LIMIT_DOCS = 'https://ai.google.dev/gemini-api/docs/rate-limits';

const rpc = (name: string): string => `type.googleapis.com/google.rpc.${name}`;

export const invalidArgument = (message: string, details?: readonly ErrorDetail[]): GeminiError =>
  new GeminiError(400, 'INVALID_ARGUMENT', message, details);

/** The bare 400 that names no reason: what a schema that is too large gets. */
export const bareInvalidArgument = (): GeminiError =>
  invalidArgument('Request contains an invalid argument.');

export interface FieldViolation {
  /** Path of the message that holds the field, e.g. `generation_config`; absent at the top. */
  field?: string;
  description: string;
}

/** All violations of one request are reported together, a line each. */
export const badRequest = (violations: readonly FieldViolation[]): GeminiError =>
  invalidArgument(violations.map((violation) => violation.description).join('\n'), [
    { '@type': rpc('BadRequest'), fieldViolations: violations },
  ]);

export const notFound = (message: string): GeminiError => new GeminiError(404, 'NOT_FOUND', message);

export const modelNotFound = (model: string, version: string, method: string): GeminiError =>
  notFound(
    `models/${model} is not found for API version ${version}, or is not supported for ${method}. ` +
      'Call ListModels to see the list of available models and their supported methods.',
  );

export const keyMissing = (): GeminiError =>
  new GeminiError(
    403,
    'PERMISSION_DENIED',
    "Method doesn't allow unregistered callers (callers without established identity). " +
      'Please use API Key or other form of API consumer identity to call this API.',
  );

export const keyInvalid = (): GeminiError => {
  const message = 'API key not valid. Please pass a valid API key.';
  return invalidArgument(message, [
    {
      '@type': rpc('ErrorInfo'),
      reason: 'API_KEY_INVALID',
      domain: 'googleapis.com',
      metadata: { service: 'generativelanguage.googleapis.com' },
    },
    { '@type': rpc('LocalizedMessage'), locale: 'en-US', message },
  ]);
};

/** Vertex AI without a token. */
export const tokenMissing = (): GeminiError =>
  new GeminiError(
    401,
    'UNAUTHENTICATED',
    'Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid ' +
      'authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
  );

/** Vertex AI's words for a model that is not in this location. */
export const publisherModelNotFound = (resource: string): GeminiError =>
  notFound(
    `Publisher Model \`${resource}\` was not found or your project does not have access to it. Please ensure you are ` +
      'using a valid model version. For more information, see: ' +
      'https://cloud.google.com/vertex-ai/generative-ai/docs/learn/model-versions',
  );

export const unauthenticated = (): GeminiError =>
  new GeminiError(
    401,
    'UNAUTHENTICATED',
    'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid ' +
      'authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
  );

export const forbidden = (): GeminiError =>
  new GeminiError(403, 'PERMISSION_DENIED', 'The caller does not have permission');

export const creditGone = (): GeminiError =>
  new GeminiError(
    402,
    'RESOURCE_EXHAUSTED',
    'Your prepayment credits are depleted. Please go to AI Studio at https://ai.studio/projects to manage your ' +
      'project and billing.',
  );

export const payloadTooLarge = (httpStatus: 400 | 413, limitBytes: number): GeminiError =>
  new GeminiError(
    httpStatus,
    'INVALID_ARGUMENT',
    `Request payload size exceeds the limit: ${limitBytes} bytes.`,
  );

export const requestTimeout = (): GeminiError =>
  new GeminiError(408, 'DEADLINE_EXCEEDED', 'The request timed out. Please try again.');

export const internal = (): GeminiError =>
  new GeminiError(
    500,
    'INTERNAL',
    `An internal error has occurred. Please retry or report in ${TROUBLESHOOTING}`,
  );

export const overloaded = (): GeminiError =>
  new GeminiError(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.');

export const deadlineExceeded = (): GeminiError =>
  new GeminiError(504, 'DEADLINE_EXCEEDED', 'Deadline expired before operation could complete.');

/** The shared pool's 429 (Vertex): no details, no delay. */
export const poolExhausted = (): GeminiError =>
  new GeminiError(429, 'RESOURCE_EXHAUSTED', 'Resource exhausted, please try again later.');

interface QuotaViolation {
  quotaMetric: string;
  quotaId: string;
  quotaValue: number;
  model: string;
}

/** The quota 429. It tells the wait in its body (RetryInfo, float seconds) and sends no Retry-After header. */
export function quotaExceeded(violation: QuotaViolation, retryDelaySeconds: number): GeminiError {
  const { quotaMetric, quotaId, quotaValue, model } = violation;
  const delay = `${Number(Math.max(0, retryDelaySeconds).toFixed(3))}s`;
  const message =
    'You exceeded your current quota, please check your plan and billing details. For more information on this ' +
    `error, head to: ${RATE_LIMIT_DOCS}. \n* Quota exceeded for metric: ${quotaMetric}, limit: ${quotaValue}, ` +
    `model: ${model}\nPlease retry in ${delay}.`;
  return new GeminiError(429, 'RESOURCE_EXHAUSTED', message, [
    {
      '@type': rpc('Help'),
      links: [{ description: 'Learn more about Gemini API quotas', url: RATE_LIMIT_DOCS }],
    },
    {
      '@type': rpc('QuotaFailure'),
      violations: [
        {
          quotaMetric,
          quotaId,
          quotaDimensions: { location: 'global', model },
          quotaValue: String(quotaValue),
        },
      ],
    },
    { '@type': rpc('RetryInfo'), retryDelay: delay },
  ]);
}
