import { isFailure, PipelineError } from '../../base/errors/pipeline-error.ts';
import type { Log } from '../../base/log.ts';
import type { AskModel, ModelReply, ModelRequest } from '../request.ts';

/** One way to reach Gemini, with credentials of its own. */
export interface Backend {
  name: 'developer' | 'vertex';
  call: AskModel;
}

/**
 * Asks the first backend, and the other one when the first refuses access; a backend that refused goes last for
 * `restMs`, so that not every picture pays for a refused call. Throws MODEL_CREDENTIALS only when both refuse.
 */
export function withFailover(
  first: Backend,
  second: Backend,
  { restMs, log }: { restMs: number; log: Log },
): AskModel {
  /** Epoch milliseconds. */
  const refusedUntil = new Map<Backend, number>();

  const ask = async (
    backend: Backend,
    other: Backend,
    request: ModelRequest,
    signal: AbortSignal,
  ): Promise<ModelReply | PipelineError> => {
    try {
      const reply = await backend.call(request, signal);
      if (refusedUntil.delete(backend)) log.info('credentials.back', { backend: backend.name });
      return reply;
    } catch (error) {
      if (!isFailure(error, 'MODEL_CREDENTIALS')) throw error;
      const refusal = PipelineError.from(error);
      const now = Date.now();
      if ((refusedUntil.get(backend) ?? 0) <= now) {
        const until = now + restMs;
        refusedUntil.set(backend, until);
        log.error('credentials.refused', refusal, { backend: backend.name, instead: other.name, until });
      }
      return refusal;
    }
  };

  return async (request, signal) => {
    const rests = (refusedUntil.get(first) ?? 0) > Date.now();
    const [a, b] = rests ? [second, first] : [first, second];
    const earlier = await ask(a, b, request, signal);
    if (!(earlier instanceof PipelineError)) return earlier;
    const later = await ask(b, a, request, signal);
    if (!(later instanceof PipelineError)) return later;
    throw new PipelineError(
      'MODEL_CREDENTIALS',
      `Both ways to Gemini refuse access: ${a.name}: ${earlier.message} ${b.name}: ${later.message}`,
      { cause: later.cause, facts: later.facts },
    );
  };
}
