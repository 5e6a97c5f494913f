import type { Request, Response } from 'express';
import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import type { Log } from '../../shared/base/log.ts';
import { withDeadline } from '../../shared/base/resilience/deadline.ts';

/** An HTTP function that a scheduler calls: 200 with the report, 503 when the run should be repeated. */
export const onSchedule =
  <Report>(
    run: (signal: AbortSignal) => Promise<Report>,
    { timeoutMs, log }: { timeoutMs: number; log: Log },
  ) =>
  async (request: Request, response: Response): Promise<void> => {
    if (request.method !== 'POST') {
      response.status(405).set('Allow', 'POST').json({ code: 'METHOD_NOT_ALLOWED' });
      return;
    }
    try {
      response.status(200).json(await withDeadline(timeoutMs, undefined, run));
    } catch (error) {
      log.error('schedule.failed', error);
      const { code, message } = PipelineError.from(error);
      response.status(503).json({ code, message });
    }
  };
