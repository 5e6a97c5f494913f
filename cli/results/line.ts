import type { ResultDocument } from '../../shared/results/document.ts';
import type { Output } from '../output.ts';
import { plain } from '../text/plain.ts';
import { formatDuration } from '../text/units.ts';
import { displayWidth, padEnd, truncate } from '../text/width.ts';
import { digest } from './digest.ts';
import { paintStatus, signOf } from './status.ts';

/** What came of a picture, in a few words: the answer, the reason of a failure, or until when it waits. */
export function gist({ answer, failure, parked, status }: ResultDocument): string {
  if (status === 'completed') return answer ? digest(answer) : '';
  if (status === 'parked' && parked)
    return `waits until ${parked.until.toLocaleString()}: ${plain(parked.reason)}`;
  return failure ? plain(failure.message) : '';
}

const STATUS_CELLS = 'completed'.length;
const MIN_GIST_CELLS = 24;

/** One result on one line, as wide as the terminal: sign, status, name, gist, time. */
export function resultLine(out: Output, document: ResultDocument, lead = ''): string {
  const { status, source, timings } = document;
  const time = timings.totalMs === undefined ? '' : formatDuration(timings.totalMs);
  const head = `${signOf(status)} ${padEnd(status, STATUS_CELLS)}`;
  const fixed = displayWidth(lead) + displayWidth(head) + displayWidth(time) + 6;
  const room = Math.max(40, out.width - fixed);
  const name = truncate(plain(source.name), Math.max(16, room - MIN_GIST_CELLS));
  const text = truncate(gist(document), Math.max(MIN_GIST_CELLS, room - displayWidth(name)));
  const tail = time === '' ? '' : `  ${out.dim(time)}`;
  return `${out.dim(lead)}${paintStatus(out, status, head)}  ${name}  ${out.dim(text)}${tail}`.trimEnd();
}
