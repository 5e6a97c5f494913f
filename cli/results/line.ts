import type { ResultDocument } from '../../shared/results/document.ts';
import type { Output } from '../output.ts';
import { plain } from '../text/plain.ts';
import { formatDuration, formatMoment } from '../text/units.ts';
import { displayWidth, padEnd, truncate } from '../text/width.ts';
import { digest } from './digest.ts';
import { paintStatus, signOf } from './status.ts';

/** What is shown of a result, from its document or its view. */
interface Shown extends Pick<ResultDocument, 'status' | 'answer' | 'failure' | 'parked' | 'timings'> {
  source: { name: string };
}

/** What came of a picture, in a few words: the answer, the reason of a failure, or until when it waits. */
export function gist({ answer, failure, parked, status }: Omit<Shown, 'source' | 'timings'>): string {
  if (status === 'completed') return answer ? digest(answer) : '';
  if (status === 'parked' && parked)
    return `waits until ${formatMoment(parked.until)}: ${plain(parked.reason)}`;
  return failure ? plain(failure.message) : '';
}

const STATUS_CELLS = 'completed'.length;
const MIN_GIST_CELLS = 24;

interface LineOptions {
  /** Before everything else, e.g. the time of day. */
  lead?: string;
  /** Names are padded to this many cells, so that what follows them stands in a column. */
  nameCells?: number;
}

/** One result on one line, as wide as the terminal: sign, status, name, gist, time. */
export function resultLine(out: Output, document: Shown, options: LineOptions = {}): string {
  const { lead = '', nameCells = 0 } = options;
  const { status, source, timings } = document;
  const time = timings.totalMs === undefined ? '' : formatDuration(timings.totalMs);
  const head = `${signOf(status)} ${padEnd(status, STATUS_CELLS)}`;
  const fixed = displayWidth(lead) + displayWidth(head) + displayWidth(time) + 6;
  const room = Math.max(40, out.width - fixed);
  const widest = Math.max(16, room - MIN_GIST_CELLS);
  const name = padEnd(truncate(plain(source.name), widest), Math.min(nameCells, widest));
  const text = truncate(gist(document), Math.max(MIN_GIST_CELLS, room - displayWidth(name)));
  const tail = time === '' ? '' : `  ${out.dim(time)}`;
  return `${out.dim(lead)}${paintStatus(out, status, head)}  ${name}  ${out.dim(text)}${tail}`.trimEnd();
}
