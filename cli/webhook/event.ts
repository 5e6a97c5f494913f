import { z } from 'zod';
import { resultView } from '../../shared/results/api/result.ts';
import type { Output } from '../output.ts';
import { resultLine } from '../results/line.ts';
import { plain } from '../text/plain.ts';
import { formatClock } from '../text/units.ts';
import { truncate } from '../text/width.ts';
import type { Delivery } from './refusal.ts';

const NAME_CELLS = 32;

const resultEvent = z.object({ type: z.string(), data: resultView });

/** A verified delivery on one line, for people. `isRepeated`: its event came before. */
export function eventLine(out: Output, { body }: Delivery, isRepeated: boolean): string {
  const lead = `${formatClock(new Date(Date.now()))}  `;
  const again = isRepeated ? out.dim('  (sent again)') : '';
  const { data: event } = resultEvent.safeParse(contentOf(body));
  if (!event) return `${out.dim(lead)}verified, but no result: ${truncate(plain(body), out.width)}${again}`;
  const { stage, answer, failure, source, timings } = event.data;
  const shown = {
    status: stage,
    source,
    timings,
    ...(answer === undefined ? {} : { answer }),
    ...(failure === undefined ? {} : { failure }),
  };
  return `${resultLine(out, shown, { lead, nameCells: NAME_CELLS })}${again}`;
}

/** A verified delivery for programs: what was sent, and which event it is. */
export function eventJson({ headers, body }: Delivery, isRepeated: boolean): object {
  const content = contentOf(body);
  const sent = typeof content === 'object' && content !== null ? content : { body: content };
  return { webhookId: headers['webhook-id'], isRepeated, ...sent };
}

function contentOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
