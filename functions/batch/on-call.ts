import type { Request, Response } from 'express';
import { z } from 'zod';
import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import type { Log } from '../../shared/base/log.ts';
import { withDeadline } from '../../shared/base/resilience/deadline.ts';

/** A push of Pub/Sub (https://cloud.google.com/pubsub/docs/push#receive_push): enough pictures wait. */
const bell = z.object({ message: z.object({ data: z.string() }) });

/**
 * An HTTP function with two callers: a scheduler, which gets the report, and Pub/Sub, which says that enough pictures wait.
 * 2xx is done; what could not be done is done by the next run, so only the scheduler hears of a failure.
 */
export const onCall =
  <Report>(
    run: (signal: AbortSignal, enough: boolean) => Promise<Report>,
    { timeoutMs, log }: { timeoutMs: number; log: Log },
  ) =>
  async (request: Request, response: Response): Promise<void> => {
    if (request.method !== 'POST') {
      response.status(405).set('Allow', 'POST').json({ code: 'METHOD_NOT_ALLOWED' });
      return;
    }
    const isBell = bell.safeParse(request.body).success;
    try {
      response.status(200).json(await withDeadline(timeoutMs, undefined, (signal) => run(signal, isBell)));
    } catch (error) {
      log.error('batch.broke', error);
      const { code, message } = PipelineError.from(error);
      response.status(isBell ? 204 : 503).json({ code, message });
    }
  };
