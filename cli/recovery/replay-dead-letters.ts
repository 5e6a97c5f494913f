import {
  type DeadLetter,
  deadLetters,
  type Fate,
  giveBack,
  settle,
} from '../../shared/results/recovery/dead-letters.ts';
import { plain } from '../text/plain.ts';
import { plural } from '../text/units.ts';
import type { Replaying } from './replay-results.ts';

/**
 * Publishes what was given up to the topic it came from, and only then takes it out of the dead letters: a crash in
 * between delivers it twice, which does no harm. Messages that are settled are taken out; unreadable ones stay.
 */
export async function replayDeadLetters(replaying: Replaying): Promise<void> {
  const { out, bus, isDryRun, limit, signal } = replaying;
  const counts: Record<Fate, number> = { replay: 0, settled: 0, unreadable: 0 };
  const kept: DeadLetter[] = [];
  try {
    for await (const batch of deadLetters(bus, replaying.recovery)) {
      for (const letter of batch) {
        const isOver = signal.aborted || counts.replay >= limit;
        if (isOver || isDryRun || letter.fate === 'unreadable') kept.push(letter);
        if (isOver) continue;
        counts[letter.fate] += 1;
        if (!isDryRun) await settle(bus.pubsub, letter);
        say(replaying, letter);
      }
      if (signal.aborted || counts.replay >= limit) break;
    }
  } finally {
    await giveBack(bus.pubsub, kept);
  }
  if (replaying.asJson) return;
  const { replay, settled, unreadable } = counts;
  if (replay + settled + unreadable === 0) {
    out.line('There are no dead letters.');
    return;
  }
  const would = isDryRun ? 'would be ' : '';
  const parts = [
    `${plural(replay, 'dead letter')} ${would}replayed`,
    ...(settled > 0 ? [`${settled} ${would}removed as settled`] : []),
    ...(unreadable > 0 ? [`${unreadable} left: no events of a bucket`] : []),
  ];
  out.line(`${parts.join(', ')}.`);
}

const SAYS: Readonly<Record<Fate, string>> = {
  replay: 'replayed',
  settled: 'removed',
  unreadable: 'left',
};

function say({ out, asJson, isDryRun }: Replaying, { object, topic, fate, reason }: DeadLetter): void {
  if (asJson) {
    out.jsonLine({ object: object ?? null, topic, fate, reason, dryRun: isDryRun });
    return;
  }
  const what = isDryRun && fate !== 'unreadable' ? `would be ${SAYS[fate]}` : SAYS[fate];
  out.line(`${plain(object ?? '(no object)')}  ${what} ${out.dim(plain(reason))}`);
}
