import type { RequestHandler } from 'express';
import { Problem } from '../problem.ts';
import { callerOf } from './caller.ts';
import type { TokenBuckets } from './token-buckets.ts';

/** Refuses what a caller asks beyond the rate, and says when to come back. */
export const limitRate =
  (buckets: TokenBuckets): RequestHandler =>
  (_request, response, next) => {
    const waitMs = buckets.take(callerOf(response).key);
    if (waitMs === 0) return next();
    const seconds = Math.ceil(waitMs / 1000);
    throw new Problem(
      'RATE_LIMITED',
      'You ask more often than is allowed.',
      `Wait ${seconds === 1 ? 'a second' : `${seconds} seconds`}, then ask less often; RATE_PER_SECOND and RATE_BURST set the limit.`,
      {},
      { retryAfterSeconds: seconds },
    );
  };
