import { FAILURES, type FailureCode } from '../../shared/base/errors/codes.ts';
import type { Buckets } from '../../shared/cloud/storage/buckets.ts';
import { objectUrl } from '../../shared/cloud/storage/object.ts';
import type { Bus } from '../../shared/results/recovery/dead-letters.ts';
import type { ReadResult, Recovery } from '../../shared/results/recovery/recovery.ts';
import { type Resumed, replay } from '../../shared/results/recovery/resume.ts';
import { CliError } from '../failure.ts';
import type { Output } from '../output.ts';
import { idOf } from '../results/reference.ts';
import { plain } from '../text/plain.ts';
import { plural } from '../text/units.ts';

/** What every kind of replay works with. */
export interface Replaying {
  out: Output;
  bus: Bus;
  buckets: Buckets;
  recovery: Recovery;
  isDryRun: boolean;
  asJson: boolean;
  /** The prepared picture is made again too. */
  anew: boolean;
  limit: number;
  signal: AbortSignal;
}

const PAGE = 100;

/** Replays every result that has this failure. */
export async function replayFailed(replaying: Replaying, code: FailureCode): Promise<void> {
  const { recovery, limit, signal } = replaying;
  let count = 0;
  let after: readonly unknown[] | undefined;
  do {
    const page = await recovery.ofFailure(code, Math.min(PAGE, limit - count), after);
    for (const result of page.results) {
      if (signal.aborted) break;
      if (await replayOne(replaying, result)) count += 1;
    }
    after = page.next;
  } while (after && count < limit && !signal.aborted);
  conclude(replaying, count, code);
}

/** Replays the result of one object, whatever became of it. */
export async function replayObject(
  replaying: Replaying,
  reference: string,
  uploadsBucket: string,
): Promise<void> {
  const result = await replaying.recovery.get(idOf(reference, uploadsBucket));
  if (!result) {
    throw new CliError(`There is no result for ${reference}.`, {
      hint: 'If the picture is in the bucket, its notification was lost: pipeline backfill finds it.',
    });
  }
  const { claim } = result.document;
  if (claim.expiresAt.getTime() > Date.now()) {
    throw new CliError(`${reference} is being worked on until ${claim.expiresAt.toISOString()}.`, {
      hint: 'Wait for it to end; see pipeline show.',
    });
  }
  conclude(replaying, (await replayOne(replaying, result)) ? 1 : 0, 'that');
}

/** False when it is left alone: somebody else changed it at the same moment, or its upload is gone. */
async function replayOne(replaying: Replaying, result: ReadResult): Promise<boolean> {
  const { bus, buckets, recovery, isDryRun } = replaying;
  const { code } = result.document.failure ?? {};
  const anew = replaying.anew || (code !== undefined && FAILURES[code].replayFrom === 'upload');
  const outcome = isDryRun
    ? ('dry-run' as const)
    : await replay(
        {
          buckets,
          recovery,
          topics: bus.topics,
          publish: (topic, message) => bus.pubsub.publish(topic, message),
        },
        result,
        { anew },
      );
  say(replaying, result, outcome);
  return outcome !== 'changed' && outcome !== 'gone';
}

const SAYS: Readonly<Record<Resumed | 'gone' | 'dry-run', string>> = {
  resize: 'sent to the resize',
  analyze: 'sent to the analysis',
  changed: 'left alone: it is being worked on',
  gone: 'left as it is: the upload is gone, so there is nothing to answer again from',
  'dry-run': 'would be replayed',
};

function say({ out, asJson }: Replaying, { id, document }: ReadResult, outcome: keyof typeof SAYS): void {
  const object = objectUrl(document.source);
  const was = { status: document.status, code: document.failure?.code ?? null };
  if (asJson) {
    out.jsonLine({ id, object, was, outcome });
    return;
  }
  const before = was.code === null ? was.status : `${was.status}, ${was.code}`;
  out.line(`${plain(object)}  ${SAYS[outcome]} ${out.dim(`(was ${before})`)}`);
}

function conclude({ out, isDryRun, asJson }: Replaying, count: number, of: string): void {
  if (asJson) return;
  const did = isDryRun ? 'would be replayed; leave out --dry-run to do it' : 'replayed';
  out.line(
    count === 0 ? `There is nothing to replay: no result with ${of}.` : `${plural(count, 'picture')} ${did}.`,
  );
}
