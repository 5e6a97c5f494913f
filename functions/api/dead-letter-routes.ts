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
import { covers, type ScopeOf } from './http/scope.ts';

interface DeadLetterDependencies extends Bus {
  recovery: Recovery;
  scopeOf: ScopeOf;
}

/** What one request can look at in its time; the answer says whether there are more. */
const MAX_SEEN = 500;

/** As many as a person looks at. */
const MAX_LISTED = 100;

/** `GET /v1/dead-letters`: they are held while they are looked at, and given back. */
export const listDeadLetters =
  (deps: DeadLetterDependencies): RequestHandler =>
  async (request, response) => {
    const scope = deps.scopeOf(request, response);
    const seen: DeadLetter[] = [];
    const found: DeadLetter[] = [];
    try {
      for await (const batch of deadLetters(deps, deps.recovery)) {
        seen.push(...batch);
        found.push(...batch.filter(({ uploader }) => covers(scope, uploader)));
        if (found.length >= MAX_LISTED || seen.length >= MAX_SEEN) break;
      }
    } finally {
      await giveBack(deps.pubsub, seen);
    }
    const body: DeadLetterList = {
      letters: found.slice(0, MAX_LISTED).map((letter) => viewOf(letter, deps.topics)),
      hasMore: found.length >= MAX_LISTED || seen.length >= MAX_SEEN,
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

/** `POST /v1/dead-letters/replay` */
export const replayDeadLetters =
  (deps: DeadLetterDependencies): RequestHandler =>
  async (request, response) => {
    const scope = deps.scopeOf(request, response);
    const counts: Record<Fate, number> = { replay: 0, settled: 0, unreadable: 0 };
    const kept: DeadLetter[] = [];
    let seen = 0;
    try {
      for await (const batch of deadLetters(deps, deps.recovery)) {
        for (const letter of batch) {
          const isInScope = covers(scope, letter.uploader);
          if (!isInScope || letter.fate === 'unreadable') kept.push(letter);
          if (!isInScope) continue;
          await settle(deps.pubsub, letter);
          counts[letter.fate] += 1;
        }
        seen += batch.length;
        if (seen >= MAX_SEEN) break;
      }
    } finally {
      await giveBack(deps.pubsub, kept);
    }
    const body: DeadLettersReplayed = {
      replayed: counts.replay,
      removed: counts.settled,
      left: counts.unreadable,
      // A caller that asks on while nothing comes of it would ask for ever.
      hasMore: seen >= MAX_SEEN && counts.replay + counts.settled > 0,
    };
    response.set('Cache-Control', 'no-store').json(body);
  };
