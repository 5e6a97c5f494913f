import { deadLettersOf } from '../../shared/results/recovery/dead-letters.ts';
import { Recovery } from '../../shared/results/recovery/recovery.ts';
import { busOf } from '../recovery/bus.ts';
import { formatDuration, plural } from '../text/units.ts';
import { type Finding, ok, orAllWell, warning } from './finding.ts';
import type { LocalExamination } from './local-examination.ts';

/** So many are looked at; more tell nothing new. */
const MOST_RESULTS = 500;
const MOST_DEAD_LETTERS = 100;
const DAY_MS = 86_400_000;

/** Pictures on which nothing moves, and those that were set aside. */
export async function examineWaiting({ target, waitingMs, nowMs }: LocalExamination): Promise<Finding[]> {
  // Whatever has not ended is due at some time; a parked image is due when it may go on.
  const recovery = new Recovery(target.documents, { staleMs: 0 });
  const { results } = await recovery.due(nowMs + DAY_MS, MOST_RESULTS);
  const waiting = results
    .filter(
      ({ document }) => document.status !== 'parked' && nowMs - document.updatedAt.getTime() > waitingMs,
    )
    .map(({ document }) => nowMs - document.updatedAt.getTime());
  const parked = results.filter(({ document }) => document.status === 'parked').length;
  return orAllWell(
    [
      ...(waiting.length > 0
        ? [
            warning(
              `${plural(waiting.length, 'picture')} did not move for ${formatDuration(waitingMs)}, the longest for ${formatDuration(Math.max(...waiting))}.`,
              'npx pipeline results --status processing',
            ),
          ]
        : []),
      ...(parked > 0
        ? [
            warning(
              `${plural(parked, 'picture')} set aside until a budget, quota or pause allows.`,
              'npx pipeline results --status parked',
            ),
          ]
        : []),
    ],
    `No picture waits for more than ${formatDuration(waitingMs)}.`,
  );
}

/** What was given up after too many deliveries; it is counted and given back. */
export async function examineDeadLetters({ target, env }: LocalExamination): Promise<Finding[]> {
  const { pubsub, topics } = await busOf(target, env, undefined);
  const findings = await Promise.all(
    [topics.uploads, topics.prepared].map(async (topic) => {
      const subscription = deadLettersOf(topic);
      const held = await pubsub.pull(subscription, MOST_DEAD_LETTERS);
      const ackIds = held.map(({ ackId }) => ackId);
      await pubsub.keep(subscription, ackIds, 0);
      if (held.length === 0) return [];
      const count = `${plural(held.length, 'message')}${held.length === MOST_DEAD_LETTERS ? ' or more' : ''}`;
      return [warning(`${count} of the topic ${topic} could not be delivered.`, 'npx pipeline dead-letters')];
    }),
  );
  return orNone(findings.flat());
}

const orNone = (findings: readonly Finding[]): Finding[] =>
  findings.length > 0 ? [...findings] : [ok('There are none.')];
