import type { Request, Response } from 'express';
import { PipelineError } from '../../base/errors/pipeline-error.ts';
import type { Log } from '../../base/log.ts';
import { endAt } from '../../base/resilience/deadline.ts';
import { InvalidEvent, type ObjectEvent, parseObjectEvent } from './object-event.ts';

/** Gives an execution another limit than the usual one, from its begin on. Milliseconds. */
export type AllowTime = (limitMs: number) => void;

/**
 * An HTTP function that takes object events. The one place where a handler's end becomes an answer to Pub/Sub:
 * a return is 204, done; a throw is 503, deliver again; what is no event is 400, which ends in the dead letters, seen and
 * replayable, instead of vanishing.
 */
export const deliver =
  (
    handle: (event: ObjectEvent, signal: AbortSignal, allow: AllowTime) => Promise<void>,
    options: { timeoutMs: number; log: Log },
  ) =>
  async (request: Request, response: Response): Promise<void> => {
    const { log, timeoutMs } = options;
    let event: ObjectEvent;
    try {
      event = parseObjectEvent(request.headers, request.body);
    } catch (error) {
      if (!(error instanceof InvalidEvent)) throw error;
      log.error('event.invalid', error);
      response.status(400).json({ code: 'INVALID_EVENT', message: error.message });
      return;
    }

    const controller = new AbortController();
    const startedAt = Date.now();
    let timer: NodeJS.Timeout | undefined;
    const allow: AllowTime = (limitMs) => {
      clearTimeout(timer);
      endAt(controller.signal, startedAt + limitMs);
      const over = () =>
        controller.abort(new PipelineError('TIME_LIMIT', `The function reached its limit of ${limitMs} ms.`));
      timer = setTimeout(over, startedAt + limitMs - Date.now());
    };
    allow(timeoutMs);
    try {
      await handle(event, controller.signal, allow);
      response.status(204).end();
    } catch (error) {
      const failure = PipelineError.from(error);
      log.warn('event.redeliver', {
        ref: event.ref,
        code: failure.code,
        deliveryAttempt: event.deliveryAttempt,
      });
      response.status(503).json({ code: failure.code, message: failure.message });
    } finally {
      clearTimeout(timer);
    }
  };
