import { PipelineError } from '../errors/pipeline-error.ts';

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
