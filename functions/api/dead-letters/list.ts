import type { RequestHandler } from 'express';
import type { DeadLetterList } from '../../../shared/api/dead-letters.ts';
import { type Bus, type DeadLetter, deadLetters, giveBack } from '../../../shared/recovery/dead-letters.ts';
import type { Recovery } from '../../../shared/results/recovery.ts';

export interface DeadLetterDependencies extends Bus {
  recovery: Recovery;
}

/** As many as a person looks at. */
const MAX_LISTED = 100;

/** `GET /v1/dead-letters`: they are held while they are looked at, and given back. */
export const listDeadLetters =
  (deps: DeadLetterDependencies): RequestHandler =>
  async (_request, response) => {
    const found: DeadLetter[] = [];
    try {
      for await (const batch of deadLetters(deps, deps.recovery)) {
        found.push(...batch);
        if (found.length >= MAX_LISTED) break;
      }
    } finally {
      await giveBack(deps.pubsub, found);
    }
    const body: DeadLetterList = {
      letters: found.slice(0, MAX_LISTED).map((letter) => viewOf(letter, deps.topics)),
      hasMore: found.length >= MAX_LISTED,
    };
    response.set('Cache-Control', 'no-store').json(body);
  };

const viewOf = (
  { object, id, topic, deliveries, message, fate, reason }: DeadLetter,
  topics: Bus['topics'],
): DeadLetterList['letters'][number] => ({
  object: object ?? null,
  id: id ?? null,
  stage: topic === topics.uploads ? 'resize' : 'analyze',
  deliveries: deliveries ?? null,
  publishedAt: message.publishedAt.toISOString(),
  fate,
  reason,
});
