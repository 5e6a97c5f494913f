import type { RequestHandler } from 'express';
import type { DeadLetterList, DeadLettersReplayed } from '../../shared/results/api/answers.ts';
import {
  type Bus,
  type DeadLetter,
  deadLetters,
  type Fate,
  giveBack,
  settle,
} from '../../shared/results/recovery/dead-letters.ts';
import type { Recovery } from '../../shared/results/recovery/recovery.ts';

interface DeadLetterDependencies extends Bus {
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
