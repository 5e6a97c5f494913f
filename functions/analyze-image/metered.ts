import type { GenerateContent } from '../../shared/gemini/model.ts';

/**
 * Tells the request's meter of each call. It stands inside retries and queues, because every repetition is billed on its
 * own, and around the deadline of the call, because money that is waited for is not the model's time. A call that is given up is over at that moment, whenever its connection notices.
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
