import type { ResultView } from '../../shared/results/api/result.ts';
import { fileNameOf } from '../wording/wording.ts';
import { createStore } from './store.ts';

/** What a screen reader is told, politely. */
export const announcement = createStore('');

const ENDS = new Set(['completed', 'failed', 'refused', 'parked']);
/** Many changes within this time become one sentence, in milliseconds. */
const GATHER_MS = 800;
const MAX_SINGLE = 2;

let waiting: ResultView[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

/** Tells that a picture came to an end; the steps before it would only be noise. */
export function announceChange(result: ResultView, before: ResultView | undefined): void {
  if (!ENDS.has(result.status) || before?.status === result.status) return;
  waiting.push(result);
  if (timer === undefined) timer = setTimeout(tell, GATHER_MS);
}

export const announce = (sentence: string): void => announcement.set(() => sentence);

function tell(): void {
  const gathered = waiting;
  waiting = [];
  timer = undefined;
  announce(
    gathered.length <= MAX_SINGLE
      ? gathered.map((result) => `${fileNameOf(result)}: ${sentenceOf(result)}`).join(' ')
      : summaryOf(gathered),
  );
}

const sentenceOf = ({ status, failure }: ResultView): string =>
  failure ? `${status}. ${failure.message} ${failure.hint}` : `${status}.`;

function summaryOf(gathered: readonly ResultView[]): string {
  const counts = new Map<string, number>();
  for (const { status } of gathered) counts.set(status, (counts.get(status) ?? 0) + 1);
  return `${[...counts].map(([status, count]) => `${count} ${status}`).join(', ')}.`;
}
