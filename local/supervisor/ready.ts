import { get } from 'node:http';

const POLL_MS = 25;
const ANSWER_MS = 2_000;

const answers = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const request = get(url, { agent: false }, (response) => {
      response.resume();
      settle(true);
    });
    const timer = setTimeout(() => settle(false), ANSWER_MS);
    const settle = (answered: boolean) => {
      clearTimeout(timer);
      resolve(answered);
      request.destroy();
    };
    request.on('error', () => settle(false));
  });

/** Resolves true at the first answer of any status, false when `signal` ends the wait. */
export const untilReady = async (url: string, signal: AbortSignal): Promise<boolean> => {
  while (!signal.aborted) {
    if (await answers(url)) return true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return false;
};
