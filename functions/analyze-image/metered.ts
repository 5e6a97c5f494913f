import type { GenerateContent } from '../../shared/gemini/model.ts';

/**
 * Tells the request's meter of each call. It stands directly before the API, inside retries and queues, because every
 * repetition is billed on its own. A call that is given up is over at that moment, whenever its connection notices.
 */
export const metered =
  (call: GenerateContent): GenerateContent =>
  async (request, signal) => {
    if (!request.meter) return call(request, signal);
    const open = await request.meter.begin(request, signal);
    const givenUp = () => open.failed(signal.reason);
    signal.addEventListener('abort', givenUp, { once: true });
    try {
      const reply = await call(open.request ?? request, signal);
      open.answered(reply);
      return reply;
    } catch (error) {
      open.failed(error);
      throw error;
    } finally {
      signal.removeEventListener('abort', givenUp);
    }
  };
