import type { RequestHandler } from 'express';
import type { DeadLettersReplayed } from '../../../shared/api/dead-letters.ts';
import {
  type DeadLetter,
  deadLetters,
  type Fate,
  giveBack,
  settle,
} from '../../../shared/recovery/dead-letters.ts';
import type { DeadLetterDependencies } from './list.ts';

/** What one request can do in its time; the answer says whether there are more. */
const MAX_REPLAYED = 500;

/** `POST /v1/dead-letters/replay` */
export const replayDeadLetters =
  (deps: DeadLetterDependencies): RequestHandler =>
  async (_request, response) => {
    const counts: Record<Fate, number> = { replay: 0, settled: 0, unreadable: 0 };
    const left: DeadLetter[] = [];
    let seen = 0;
    try {
      for await (const batch of deadLetters(deps, deps.recovery)) {
        for (const letter of batch) {
          if (letter.fate === 'unreadable') left.push(letter);
          await settle(deps.pubsub, letter);
          counts[letter.fate] += 1;
        }
        seen += batch.length;
        if (seen >= MAX_REPLAYED) break;
      }
    } finally {
      await giveBack(deps.pubsub, left);
    }
    const body: DeadLettersReplayed = {
      replayed: counts.replay,
      removed: counts.settled,
      left: counts.unreadable,
      hasMore: seen >= MAX_REPLAYED,
    };
    response.set('Cache-Control', 'no-store').json(body);
  };
