import type { Request, Response } from 'express';
import { z } from 'zod';
import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import type { Log } from '../../shared/base/log.ts';
import { withDeadline } from '../../shared/base/resilience/deadline.ts';

/** A push of Pub/Sub (https://cloud.google.com/pubsub/docs/push#receive_push). */
const push = z.object({ message: z.object({ data: z.string() }) });

const bell = z.object({ id: z.string().regex(/^[0-9a-f]{32}$/) });

interface Work {
  one: (id: string) => Promise<void>;
  due: (signal: AbortSignal) => Promise<number>;
}

/**
 * An HTTP function with two callers: Pub/Sub, whose message names one result, and a scheduler, whose call has no message.
 * 2xx is done; 503 asks to be called again. A message that names nothing is done too: nothing is lost with it.
 */
export const takeCalls =
  ({ one, due }: Work, { timeoutMs, log }: { timeoutMs: number; log: Log }) =>
  async (request: Request, response: Response): Promise<void> => {
    if (request.method !== 'POST') {
      response.status(405).set('Allow', 'POST').json({ code: 'METHOD_NOT_ALLOWED' });
      return;
    }
    const pushed = push.safeParse(request.body);
    try {
      if (!pushed.success) {
        response.status(200).json({ due: await withDeadline(timeoutMs, undefined, due) });
        return;
      }
      const id = idFrom(pushed.data.message.data);
      if (id === undefined) log.warn('webhook.odd-message');
      else await withDeadline(timeoutMs, undefined, () => one(id));
      response.status(204).end();
    } catch (error) {
      log.error('webhook.broke', error);
      const { code, message } = PipelineError.from(error);
      response.status(503).json({ code, message });
    }
  };

function idFrom(data: string): string | undefined {
  try {
    return bell.parse(JSON.parse(Buffer.from(data, 'base64').toString())).id;
  } catch {
    return undefined;
  }
}
